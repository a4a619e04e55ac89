import Glibc

/// Writes all of `bytes`, in as many calls of write(2) as that takes. It waits where the descriptor doesn't
/// block and is full: a parent may share such a pipe.
///
/// - Returns: whether all were written; if not, `errno` says why.
package func writeWhole(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
        // One call moves at most 2 GiB.
        let rest = UnsafeRawBufferPointer(rebasing: bytes[written...].prefix(1 << 30))
        let count = write(descriptor, rest.baseAddress, rest.count)
        if count > 0 {
            written += count
        } else if count < 0, errno == EAGAIN {
            var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&wanted, 1, -1)
        } else if count == 0 || errno != EINTR {
            return false
        }
    }
    return true
}
