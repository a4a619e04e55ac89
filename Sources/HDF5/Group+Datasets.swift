import Basics
import CHDF5

extension Group {
    /// Opens the dataset at `path`, relative to this group or absolute.
    ///
    /// - Throws: `badData` where there is none, or it is damaged, hostile or unsupported.
    package borrowing func dataset(_ path: String) throws(HDF5Error) -> Dataset {
        Library.lock()
        defer { Library.unlock() }
        let child = location.appending(path)
        try checkPath(path, is: .dataset)
        let dataset = try openDataset(path, access: CHDF5_DEFAULT(), at: child)
        guard
            let cache = ChunkCache(
                layout: dataset.layout, shape: dataset.shape, type: dataset.elementType)
        else { return dataset }
        // The cache is set when a dataset is opened, and one that is already open keeps its cache.
        dataset.close()
        let access = try ChunkCache.makeAccessProperties(cache, at: child)
        return try openDataset(path, access: access.id, at: child)
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
        let child = location.appending(name)
        try child.checkName(name, operation)
        try createParents(of: name)
        let space = try makeSpace(shape, isExtendable: layout.isExtendable, at: child)
        let elementType = try type.makeLibraryType(at: child)
        let properties = try layout.makeCreationProperties(shape: shape, at: child)
        let cache = ChunkCache(layout: layout, shape: shape, type: type)
        let access = try ChunkCache.makeAccessProperties(cache, at: child)
        let id = try child.check(
            H5Dcreate2(
                identifier.id, name, elementType.id, space.id, CHDF5_DEFAULT(), properties.id,
                access.id),
            operation, .io)
        return try Dataset(
            Identifier(id, in: identifier.file, close: H5Dclose), path: child.path)
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
        _ path: String, access: hid_t, at child: Location
    ) throws(HDF5Error) -> Dataset {
        let id = try child.check(H5Dopen2(identifier.id, path, access), "open dataset")
        return try Dataset(
            Identifier(id, in: identifier.file, close: H5Dclose), path: child.path)
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
