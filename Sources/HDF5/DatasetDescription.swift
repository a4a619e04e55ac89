import Basics
import CHDF5

/// The description of a dataset in its file.
struct DatasetDescription {
    let shape: [Int]
    let elementType: ElementType
    let layout: Layout
    let isLittleEndian: Bool
    /// Bytes of one element in the file.
    let elementSize: Int

    init(
        of dataset: hid_t, in file: FileHandle?, at location: Location
    ) throws(HDF5Error) {
        let list = Identifier(
            try location.check(H5Dget_create_plist(dataset), "open"), close: H5Pclose)
        // Before the dataspace is asked for, because that of a virtual dataset opens other files.
        let plain = try Layout(creationProperties: list.id, at: location)

        let space = Identifier(try location.check(H5Dget_space(dataset), "open"), close: H5Sclose)
        let extent = try Extent(of: space.id, at: location)
        shape = extent.shape
        if extent.isExtendable,
            case .chunked(let chunk, let deflate, let shuffle, let sum, _) = plain
        {
            layout = .chunked(
                chunk, deflate: deflate, shuffle: shuffle, fletcher32: sum, isExtendable: true)
        } else {
            layout = plain
        }

        let type = Identifier(try location.check(H5Dget_type(dataset), "open"), close: H5Tclose)
        elementType = ElementType(libraryType: type.id)
        isLittleEndian = H5Tget_order(type.id) != H5T_ORDER_BE
        elementSize = H5Tget_size(type.id)
        if let file { try checkStorage(of: dataset, in: file, at: location) }
    }
}

/// The size of a dataspace along each axis.
struct Extent {
    let shape: [Int]
    let isExtendable: Bool

    init(of space: hid_t, at location: Location) throws(HDF5Error) {
        guard H5Sget_simple_extent_type(space) != H5S_NULL else {
            throw location.failure("open", .badData, "it is empty, without even a shape")
        }
        let rank = Int(try location.check(H5Sget_simple_extent_ndims(space), "open"))
        var sizes = [hsize_t](repeating: 0, count: rank)
        var limits = [hsize_t](repeating: 0, count: rank)
        if rank > 0 {
            try location.check(H5Sget_simple_extent_dims(space, &sizes, &limits), "open")
        }
        var shape: [Int] = []
        var count = 1
        for size in sizes {
            guard let size = Int(exactly: size) else {
                throw location.failure("open", .badData, "its shape is too large")
            }
            // Also where another size is 0: the product of some of the sizes is computed elsewhere.
            let (product, overflow) = count.multipliedReportingOverflow(by: max(size, 1))
            guard !overflow else {
                throw location.failure("open", .badData, "its shape is too large")
            }
            count = product
            shape.append(size)
        }
        self.shape = shape
        isExtendable = rank > 0 && limits[0] == CHDF5_UNLIMITED()
    }
}

extension DatasetDescription {
    /// Deflate compresses by a factor of 1032 at most.
    private static var greatestCompression: Int { 1032 }
    /// The most bytes that a dataset may have without storing them: elements that were never written
    /// are read as zero.
    private static var greatestUnwritten: Int { 64 << 20 }

    /// Compares the size of the dataset with what is stored, before memory is allocated for it.
    private func checkStorage(
        of dataset: hid_t, in file: FileHandle, at location: Location
    ) throws(HDF5Error) {
        let (byteCount, overflow) = shape.reduce(1, *).multipliedReportingOverflow(by: elementSize)
        guard !overflow else {
            throw location.failure("open", .badData, "its shape \(shape) is too large")
        }
        guard byteCount > Self.greatestUnwritten || layout == .contiguous else { return }
        let stored = Int(clamping: H5Dget_storage_size(dataset))
        let fileSize = try file.size()
        if layout == .contiguous, let offset = contiguousOffset(of: dataset) {
            guard offset <= fileSize, byteCount <= fileSize - offset, stored >= byteCount else {
                throw location.failure(
                    "open", .badData, "its \(byteCount) bytes go beyond the end of the file")
            }
            return
        }
        let factor = layout.isFiltered ? Self.greatestCompression : 1
        let (most, tooMany) = min(stored, fileSize).multipliedReportingOverflow(by: factor)
        guard tooMany || byteCount <= max(most, Self.greatestUnwritten) else {
            throw location.failure(
                "open", .badData, "it claims \(byteCount) bytes but stores only \(stored)")
        }
    }
}

/// The offset of a dataset's contiguous elements in the file; nil while none are allocated.
func contiguousOffset(of dataset: hid_t) -> Int? {
    let offset = H5Dget_offset(dataset)
    return offset == CHDF5_UNDEFINED_ADDRESS() ? nil : Int(exactly: offset)
}
