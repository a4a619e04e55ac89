import CHDF5

/// An open dataset: an array of numbers or texts, with attributes.
package struct Dataset: ~Copyable, Sendable, AttributeOwner {
    let identifier: Identifier

    /// The absolute path, `/clean/blocks.0.attn.hook_z`.
    package let path: String

    /// Its size along each axis; empty for a single value.
    package internal(set) var shape: [Int]

    /// The type of its elements as they are stored.
    package let elementType: ElementType

    /// How its elements lie in the file.
    package let layout: Layout

    /// Whether its numbers are little-endian, as everything this module writes is.
    package let isLittleEndian: Bool

    /// How many elements there are.
    package var count: Int { shape.reduce(1, *) }

    /// For the attribute functions.
    package var object: ObjectReference {
        ObjectReference(id: identifier.id, file: identifier.file, location: location)
    }

    var location: Location { Location(file: identifier.file?.name ?? "", path: path) }

    /// Takes the open dataset `identifier`, once its description has been found sound.
    ///
    /// - Throws: `badData` where its elements are elsewhere, need an unknown filter, or are more than
    ///   the file can hold.
    init(_ identifier: consuming Identifier, path: String) throws(HDF5Error) {
        let location = Location(file: identifier.file?.name ?? "", path: path)
        let description = try DatasetDescription(
            of: identifier.id, in: identifier.file, at: location)
        self.identifier = identifier
        self.path = path
        shape = description.shape
        elementType = description.elementType
        layout = description.layout
        isLittleEndian = description.isLittleEndian
    }

    /// Closes the dataset; it also closes when it goes out of scope.
    package consuming func close() {}
}

extension Dataset {
    /// Where contiguous elements begin in the file; nil where they aren't, or nothing is allocated.
    package borrowing func contiguousOffset() -> Int? {
        Library.lock()
        defer { Library.unlock() }
        return HDF5.contiguousOffset(of: identifier.id)
    }
}
