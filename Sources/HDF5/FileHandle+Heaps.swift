import Basics
import CHDF5
import Glibc

/// Whether a file's global heaps have been checked, and the result.
enum HeapState {
    /// They haven't been checked.
    case unknown
    /// They needn't be: this process writes them.
    case trusted
    /// They are valid.
    case checked(GlobalHeaps)
    /// They are damaged, so that texts in them can't be read.
    case damaged
}

extension FileHandle {
    /// The file's heaps, checked on the first call; nil for a file that this process writes.
    ///
    /// - Throws: `badData` where one is damaged.
    func heaps() throws(HDF5Error) -> GlobalHeaps? {
        if case .unknown = heapState {
            heapState = try withFileBytes { [self] bytes in
                let base = userBlockSize()
                let heaps = GlobalHeaps(
                    in: regionsOfMetadata(size: bytes.count), of: bytes, base: base)
                return heaps.map { .checked($0) } ?? .damaged
            }
        }
        switch heapState {
        case .unknown, .trusted: return nil
        case .checked(let heaps): return heaps
        case .damaged:
            throw location.failure(
                "read", .badData, "the texts in it are damaged (global heap); h5repack may help")
        }
    }

    /// Calls `body` with the bytes of the whole file, mapped.
    func withFileBytes<Result>(
        _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(HDF5Error) -> Result {
        if case .image(let image) = storage {
            return image.withUnsafeBytes { body($0) }
        }
        var handle: UnsafeMutableRawPointer?
        try location.check(H5Fget_vfd_handle(id, CHDF5_DEFAULT(), &handle), "read", .internalError)
        var status = stat()
        guard let descriptor = handle?.load(as: Int32.self), fstat(descriptor, &status) == 0,
            status.st_size > 0,
            let memory = mmap(
                nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0),
            memory != MAP_FAILED
        else { throw location.failure("read", .io, "it can't be mapped") }
        defer { munmap(memory, Int(status.st_size)) }
        return body(UnsafeRawBufferPointer(start: memory, count: Int(status.st_size)))
    }

    /// The size of the user block, which precedes the HDF5 data; addresses count from its end.
    private func userBlockSize() -> Int {
        let list = H5Fget_create_plist(id)
        defer { H5Pclose(list) }
        var size: hsize_t = 0
        H5Pget_userblock(list, &size)
        return Int(clamping: size)
    }

    /// A small file as a whole; of a large one, all but the elements of large contiguous datasets.
    private func regionsOfMetadata(size: Int) -> [Range<Int>] {
        guard size > 32 << 20, let bulk = try? bulkRegions() else { return [0..<size] }
        var regions: [Range<Int>] = []
        var start = 0
        for region in bulk.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if region.lowerBound > start { regions.append(start..<min(region.lowerBound, size)) }
            start = max(start, region.upperBound)
        }
        if start < size { regions.append(start..<size) }
        return regions
    }

    /// The elements of large contiguous datasets.
    private func bulkRegions() throws(HDF5Error) -> [Range<Int>] {
        let root = try File(self).root()
        var regions: [Range<Int>] = []
        for object in try root.descendants() where object.kind == .dataset {
            let dataset = try root.dataset(object.path)
            guard dataset.layout == .contiguous, let offset = dataset.contiguousOffset() else {
                continue
            }
            let size = dataset.count * dataset.elementType.size
            if size > 1 << 16 { regions.append(offset..<offset + size) }
        }
        return regions
    }
}

/// The index of the first `byte` in `bytes`.
func firstByte(_ byte: UInt8, in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress, let found = memchr(base, Int32(byte), bytes.count) else {
        return nil
    }
    return UnsafeRawPointer(found) - base
}
