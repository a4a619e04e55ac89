import Glibc
import Synchronization

/// The files that are mapped into memory. Where one is shortened by another process, or its disk fails,
/// reading the lost part is a signal (SIGBUS), which no error of the language can be made of: the process
/// then ends with a line that names the file, and the status of I/O errors.
package enum MappedMemory {
    private struct Region {
        var start: UInt = 0
        var end: UInt = 0
        var name: UnsafeMutablePointer<CChar>?
    }

    private static let capacity = 4096
    /// A region of length 0 is free. The handler reads it without a lock, which it may not take.
    private nonisolated(unsafe) static let regions: UnsafeMutableBufferPointer<Region> = {
        let regions = UnsafeMutableBufferPointer<Region>.allocate(capacity: capacity)
        regions.initialize(repeating: Region())
        listen()
        return regions
    }()
    private static let lock = Mutex(())
    private nonisolated(unsafe) static var toolName: UnsafeMutablePointer<CChar>?

    /// Remembers which file is mapped at `bytes`. Of more than some thousands the rest isn't known.
    package static func watch(_ bytes: UnsafeRawBufferPointer, of name: String) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        lock.withLock { _ in
            guard let free = regions.firstIndex(where: { $0.end == 0 }) else { return }
            let start = UInt(bitPattern: base)
            regions[free].name = strdup(name.printable)
            regions[free].start = start
            regions[free].end = start + UInt(bytes.count)
        }
    }

    /// Forgets a mapping, before it is undone.
    package static func forget(_ bytes: UnsafeRawBufferPointer) {
        let start = bytes.baseAddress.map { UInt(bitPattern: $0) }
        lock.withLock { _ in
            guard let index = regions.firstIndex(where: { $0.end > 0 && $0.start == start }) else {
                return
            }
            regions[index].end = 0
            free(regions[index].name)
            regions[index].name = nil
        }
    }

    private static func listen() {
        let path = CommandLine.arguments.first ?? ""
        toolName = strdup(path.split(separator: "/").last.map(String.init) ?? path)
        var action = sigaction()
        action.sa_flags = SA_SIGINFO
        action.__sigaction_handler.sa_sigaction = { _, info, _ in
            let address = UInt(bitPattern: info?.pointee._sifields._sigfault.si_addr)
            for region in MappedMemory.regions where region.start <= address && address < region.end
            {
                MappedMemory.say(MappedMemory.toolName)
                MappedMemory.say(": ")
                MappedMemory.say(region.name)
                MappedMemory.say(
                    ": it was shortened or can't be read any more, while it was in use: run again\n"
                )
                _exit(74)
            }
            // Of nothing that is known here: it ends the process as it would have.
            signal(SIGBUS, SIG_DFL)
        }
        sigaction(SIGBUS, &action, nil)
    }

    private static func say(_ text: UnsafePointer<CChar>?) {
        guard let text else { return }
        _ = write(STDERR_FILENO, text, strlen(text))
    }
}
