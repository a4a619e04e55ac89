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

    /// How its elements are laid out in the file.
    package let layout: Layout

    /// Whether its numbers are little-endian, as all that this module writes are.
    package let isLittleEndian: Bool

    /// How many elements there are.
    package var count: Int { shape.reduce(1, *) }

    /// The reference for the functions of ``AttributeOwner``.
    package var object: ObjectReference {
        ObjectReference(id: identifier.id, file: identifier.file, location: location)
    }

    var location: Location { Location(file: identifier.file?.name ?? "", path: path) }

    /// Takes the open dataset `identifier` and checks its description.
    ///
    /// - Throws: `badData` where its elements are in another file, need an unknown filter, or are more
    ///   than the file can hold.
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
    /// The offset in the file of contiguous elements; nil where they aren't contiguous, or not
    /// allocated.
    package borrowing func contiguousOffset() -> Int? {
        Library.lock()
        defer { Library.unlock() }
        return HDF5.contiguousOffset(of: identifier.id)
    }
}
