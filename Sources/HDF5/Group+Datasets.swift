import CHDF5
import Basics

extension Group {
    /// Opens the dataset at `path`, relative to this group or absolute.
    ///
    /// - Throws: `badData` where there is none, or where it is damaged, hostile, or not supported.
    package borrowing func dataset(_ path: String) throws(HDF5Error) -> Dataset {
        Library.lock()
        defer { Library.unlock() }
        let place = location.appending(path)
        try checkPath(path, is: .dataset)
        let dataset = try openDataset(path, access: CHDF5_DEFAULT(), at: place)
        guard
            let cache = ChunkCache(
                layout: dataset.layout, shape: dataset.shape, type: dataset.elementType)
        else { return dataset }
        // The cache is chosen as a dataset is opened, and what is open already keeps its own.
        dataset.close()
        let access = try ChunkCache.makeAccessProperties(cache, at: place)
        return try openDataset(path, access: access.id, at: place)
    }

    /// Creates the dataset `name`, which may be a path whose groups are created too.
    ///
    /// Its elements are zero, or empty texts, until they are written. A shape of no axes is a single
    /// value.
    package borrowing func createDataset(
        _ name: String, type: ElementType, shape: [Int], layout: Layout = .contiguous
    ) throws(HDF5Error) -> Dataset {
        Library.lock()
        defer { Library.unlock() }
        let operation = "create dataset"
        let place = location.appending(name)
        try place.checkName(name, operation)
        try createParents(of: name)
        let space = try makeSpace(shape, isExtendable: layout.isExtendable, at: place)
        let elementType = try type.makeLibraryType(at: place)
        let properties = try layout.makeCreationProperties(shape: shape, at: place)
        let cache = ChunkCache(layout: layout, shape: shape, type: type)
        let access = try ChunkCache.makeAccessProperties(cache, at: place)
        let id = try place.check(
            H5Dcreate2(
                identifier.id, name, elementType.id, space.id, CHDF5_DEFAULT(), properties.id,
                access.id),
            operation, .io)
        return try Dataset(
            Identifier(id, in: identifier.file, close: H5Dclose), path: place.path)
    }

    /// Creates the dataset `name` with `values`, of `shape` or else along one axis.
    package borrowing func writeDataset<Element: HDF5Element>(
        _ name: String, _ values: [Element], shape: [Int]? = nil, layout: Layout = .contiguous
    ) throws(HDF5Error) {
        let dataset = try createDataset(
            name, type: Element.elementType, shape: shape ?? [values.count], layout: layout)
        try dataset.write(values)
    }

    /// Creates the dataset `name` with `texts`, of `shape` or else along one axis.
    package borrowing func writeStrings(
        _ name: String, _ texts: [String], shape: [Int]? = nil, layout: Layout = .contiguous
    ) throws(HDF5Error) {
        let dataset = try createDataset(
            name, type: .string, shape: shape ?? [texts.count], layout: layout)
        try dataset.writeStrings(texts)
    }

    /// Creates the dataset `name` with truth values, of `shape` or else along one axis.
    package borrowing func writeBools(
        _ name: String, _ values: [Bool], shape: [Int]? = nil, layout: Layout = .contiguous
    ) throws(HDF5Error) {
        let dataset = try createDataset(
            name, type: .bool, shape: shape ?? [values.count], layout: layout)
        try dataset.writeBools(values)
    }
}

extension Group {
    private borrowing func openDataset(
        _ path: String, access: hid_t, at place: Location
    ) throws(HDF5Error) -> Dataset {
        let id = try place.check(H5Dopen2(identifier.id, path, access), "open dataset")
        return try Dataset(
            Identifier(id, in: identifier.file, close: H5Dclose), path: place.path)
    }
}

/// A dataspace of `shape`.
func makeSpace(
    _ shape: [Int], isExtendable: Bool = false, at location: Location
) throws(HDF5Error) -> Identifier {
    let operation = "make the shape \(shape)"
    guard shape.count <= Int(CHDF5_MAX_RANK()), shape.allSatisfy({ $0 >= 0 }) else {
        throw location.failure(operation, .usage, "no array has it")
    }
    if shape.isEmpty {
        return Identifier(
            try location.check(H5Screate(H5S_SCALAR), operation, .usage), close: H5Sclose)
    }
    let sizes = shape.map { hsize_t($0) }
    var limits = sizes
    if isExtendable { limits[0] = CHDF5_UNLIMITED() }
    return Identifier(
        try location.check(
            H5Screate_simple(Int32(shape.count), sizes, limits), operation, .usage),
        close: H5Sclose)
}
