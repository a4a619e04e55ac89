import Basics
import CHDF5
import Glibc

extension Dataset {
    /// The elements as mapped memory; nil where they must be read instead, because they are chunked, of
    /// another type or byte order, in a writable file, or at an address that isn't a multiple of the
    /// element's size.
    ///
    /// The mapping outlives the open file. If another process shortens the file meanwhile, access to
    /// the lost part ends this process with a message (``Basics/MappedMemory``).
    package borrowing func map<Element: HDF5Element>(
        as type: Element.Type = Element.self
    ) throws(HDF5Error) -> MappedArray<Element>? {
        Library.lock()
        defer { Library.unlock() }
        guard let file = identifier.file, !file.isWritable, layout == .contiguous,
            elementType == Element.elementType, isLittleEndian, 1.littleEndian == 1, count > 0,
            let offset = contiguousOffset()
        else { return nil }
        let byteCount = count * elementType.size
        var start: UnsafeRawPointer?
        var region: MappedRegion?
        switch file.storage {
        case .memory: return nil
        case .image(let image):
            guard offset <= image.count, byteCount <= image.count - offset else { return nil }
            start = image.rawBytes.baseAddress.map { $0 + offset }
            region = MappedRegion(image: image)
        case .disk:
            guard let descriptor = try descriptor(of: file), offset % elementType.size == 0,
                try file.size() - offset >= byteCount
            else { return nil }
            region = MappedRegion(
                descriptor: descriptor, offset: offset, count: byteCount, name: file.name,
                start: &start)
        }
        guard let region, let start,
            Int(bitPattern: start) % MemoryLayout<Element>.alignment == 0
        else { return nil }
        return MappedArray(
            region, base: start.assumingMemoryBound(to: Element.self), count: count)
    }

    /// The file descriptor that the library reads the file with; nil where it has none.
    private borrowing func descriptor(of file: FileHandle) throws(HDF5Error) -> Int32? {
        guard let descriptor = try file.descriptor() else { return nil }
        // The file may have become shorter since the library opened it, and reading a page beyond its
        // end is a fatal signal.
        var status = stat()
        guard fstat(descriptor, &status) == 0, let offset = contiguousOffset(),
            offset + count * elementType.size <= Int(status.st_size)
        else { return nil }
        return descriptor
    }
}
