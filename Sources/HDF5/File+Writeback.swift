import CHDF5

extension File {
    /// Lets the system begin to move to the disk what was written of the file, without waiting for it: an
    /// fsync at the end has the less to wait for.
    ///
    /// Does nothing where the file isn't on a disk, or the file system can't.
    package borrowing func beginWriteback() {
        Library.lock()
        defer { Library.unlock() }
        guard case .disk = handle.storage, let descriptor = try? handle.descriptor() else { return }
        _ = CHDF5_begin_writeback(descriptor)
    }
}
