import Glibc

/// A lock by which processes that write the same file keep apart.
enum FileLock: Hashable {
    /// This process has it.
    case taken
    /// Another process has it.
    case heldByAnother
    /// The file system has no locks, which is so on some networks.
    case unavailable
    /// It can't be taken for another reason, by the number of the error.
    case failed(Int32)

    /// Takes the lock of an open file if it is free.
    /// - Parameter flock: the system call; tests give another.
    static func take(
        _ descriptor: Int32, by flock: (Int32, Int32) -> Int32 = { flock($0, $1) }
    ) -> FileLock {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return .heldByAnother
            case ENOSYS, ENOLCK, EOPNOTSUPP, EINVAL: return .unavailable
            default: return .failed(errno)
            }
        }
        return .taken
    }
}
