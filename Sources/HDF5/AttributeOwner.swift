import Basics
import CHDF5

/// A group or a dataset: what can have attributes.
package protocol AttributeOwner: ~Copyable {
    /// The absolute path in the file.
    var path: String { get }
    /// The open object. For the functions of this protocol only.
    var object: ObjectReference { get }
}

/// A reference to an open object, for the functions of ``AttributeOwner``; valid while the object is
/// open.
package struct ObjectReference: Sendable {
    let id: hid_t
    let file: FileHandle?
    let location: Location
}

extension AttributeOwner where Self: ~Copyable {
    /// The names of all attributes, sorted by their UTF-8 bytes.
    package borrowing func attributeNames() throws(HDF5Error) -> [String] {
        Library.lock()
        defer { Library.unlock() }
        let object = object
        var names: [[UInt8]] = []
        var position: hsize_t = 0
        let status = withUnsafeMutablePointer(to: &names) { context in
            H5Aiterate2(
                object.id, H5_INDEX_NAME, H5_ITER_NATIVE, &position,
                { _, name, _, context in
                    guard let name, let names = context?.assumingMemoryBound(to: [[UInt8]].self)
                    else { return -1 }
                    names.pointee.append(bytes(of: name))
                    return 0
                }, context)
        }
        try object.location.check(status, "list attributes")
        names.sort { $0.lexicographicallyPrecedes($1) }
        var texts: [String] = []
        for name in names {
            guard let text = String(validating: name, as: UTF8.self) else {
                throw object.location.failure(
                    "list attributes", .badData, "the name of one isn't UTF-8")
            }
            texts.append(text)
        }
        return texts
    }

    /// All attributes, sorted by the UTF-8 bytes of their names.
    package borrowing func attributes() throws(HDF5Error) -> [Attribute] {
        Library.lock()
        defer { Library.unlock() }
        var attributes: [Attribute] = []
        for name in try attributeNames() {
            attributes.append(try StoredAttribute(name, of: object).read())
        }
        return attributes
    }

    /// The value of the attribute `name`; nil where there is none.
    ///
    /// - Throws: `badData` where its type is neither text nor a number.
    package borrowing func attribute(_ name: String) throws(HDF5Error) -> AttributeValue? {
        Library.lock()
        defer { Library.unlock() }
        let object = object
        let operation = "read attribute \(name)"
        try object.location.checkName(name, operation)
        guard try object.location.check(H5Aexists(object.id, name), operation) > 0 else {
            return nil
        }
        let attribute = try StoredAttribute(name, of: object).read()
        guard let value = attribute.value else {
            throw object.location.failure(
                operation, .badData, "its type is \(attribute.elementType)")
        }
        return value
    }

    /// Removes the attribute `name`.
    package borrowing func deleteAttribute(_ name: String) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        let object = object
        try object.location.checkName(name, "delete attribute")
        try object.location.check(H5Adelete(object.id, name), "delete attribute \(name)", .io)
    }

    /// Sets the attribute `name`, which replaces one that is there.
    package borrowing func setAttribute(
        _ name: String, _ value: AttributeValue
    ) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        try StoredAttribute.write(name, value, to: object)
    }

    /// Sets the attribute `name` to a text.
    package borrowing func setAttribute(_ name: String, _ value: String) throws(HDF5Error) {
        try setAttribute(name, .string(value))
    }

    /// Sets the attribute `name` to texts.
    package borrowing func setAttribute(_ name: String, _ value: [String]) throws(HDF5Error) {
        try setAttribute(name, .strings(value))
    }

    /// Sets the attribute `name` to a whole number.
    package borrowing func setAttribute(_ name: String, _ value: Int) throws(HDF5Error) {
        try setAttribute(name, .int(value))
    }

    /// Sets the attribute `name` to whole numbers.
    package borrowing func setAttribute(_ name: String, _ value: [Int]) throws(HDF5Error) {
        try setAttribute(name, .ints(value))
    }

    /// Sets the attribute `name` to a number.
    package borrowing func setAttribute(_ name: String, _ value: Double) throws(HDF5Error) {
        try setAttribute(name, .double(value))
    }

    /// Sets the attribute `name` to numbers.
    package borrowing func setAttribute(_ name: String, _ value: [Double]) throws(HDF5Error) {
        try setAttribute(name, .doubles(value))
    }
}

/// The bytes of a C string, without its NUL.
func bytes(of text: UnsafePointer<CChar>) -> [UInt8] {
    var bytes: [UInt8] = []
    var next = text
    while next.pointee != 0 {
        bytes.append(UInt8(bitPattern: next.pointee))
        next += 1
    }
    return bytes
}
