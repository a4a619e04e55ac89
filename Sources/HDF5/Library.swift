import CHDF5
import Glibc

/// The C library as a whole: one lock around every use of it, and its error stack.
///
/// libhdf5 may be built without thread safety and its high-level part always is, so every function
/// of this module that calls it begins with `Library.lock(); defer { Library.unlock() }`. The lock
/// is recursive: such functions call each other.
enum Library {
    private static let mutex = RecursiveMutex()

    /// Takes the lock, and silences the library's own printing, which is a setting of each thread.
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
        // A file whose close failed (disk full) would be closed again at exit, in an endless loop.
        H5dont_atexit()
        H5open()
        // Files name filters; none of them makes us load code.
        H5PLset_loading_state(0)
        return true
    }()
}

/// A lock that the thread holding it may take again.
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

/// The calling thread's HDF5 error stack, outermost call first. It is that of the last library call.
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
