import CHDF5
import Glibc

/// The C library: one lock around every use of it, its settings, and its error stack.
///
/// libhdf5 may be built without thread safety, and its high-level part always is. So every function of
/// this module that calls the library begins with `Library.lock(); defer { Library.unlock() }`. The
/// lock is recursive, because such functions call each other.
enum Library {
    private static let mutex = RecursiveMutex()

    /// Takes the lock, and turns off the library's printing of errors, which is a setting per thread.
    static func lock() {
        mutex.lock()
        _ = prepared
        H5Eset_auto2(CHDF5_ERROR_STACK(), nil, nil)
    }

    static func unlock() {
        mutex.unlock()
    }

    /// Settings of the process, made once before the library starts.
    private static let prepared: Bool = {
        // At exit the library would close a file again whose close failed (disk full), in an endless
        // loop.
        H5dont_atexit()
        H5open()
        // A file can name filters; none of them may make the library load code.
        H5PLset_loading_state(0)
        return true
    }()
}

/// A recursive lock.
private final class RecursiveMutex: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() {
        var attributes = pthread_mutexattr_t()
        pthread_mutexattr_init(&attributes)
        pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
        pthread_mutex_init(mutex, &attributes)
        pthread_mutexattr_destroy(&attributes)
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }
}

/// The HDF5 error stack of the calling thread, which is that of its last library call, outermost call
/// first.
func errorStack() -> [HDF5Error.Frame] {
    var frames: [HDF5Error.Frame] = []
    withUnsafeMutablePointer(to: &frames) { context in
        _ = H5Ewalk2(
            CHDF5_ERROR_STACK(), H5E_WALK_DOWNWARD,
            { _, entry, context in
                guard let entry = entry?.pointee,
                    let frames = context?.assumingMemoryBound(to: [HDF5Error.Frame].self)
                else { return 0 }
                frames.pointee.append(
                    HDF5Error.Frame(
                        function: entry.func_name.map { String(cString: $0) } ?? "",
                        message: entry.desc.map { String(cString: $0) } ?? ""))
                return 0
            }, context)
    }
    return frames
}
