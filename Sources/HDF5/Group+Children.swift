import Basics
import CHDF5

/// The kind of object that a name in a group leads to.
package enum ObjectKind: Hashable, Sendable {
    /// A group.
    case group
    /// A dataset.
    case dataset
    /// A named type, or a link that isn't followed: one to another file, or to nothing.
    case other
}

extension Group {
    /// A name in a group.
    package struct Child: Hashable, Sendable {
        /// Its name in the group.
        package let name: String
        /// The kind of object.
        package let kind: ObjectKind
    }

    /// An object below a group.
    package struct Descendant: Hashable, Sendable {
        /// Its absolute path.
        package let path: String
        /// The kind of object.
        package let kind: ObjectKind
    }

    /// The names in this group, sorted by their UTF-8 bytes.
    package borrowing func children() throws(HDF5Error) -> [Child] {
        Library.lock()
        defer { Library.unlock() }
        var names: [[UInt8]] = []
        let status = withUnsafeMutablePointer(to: &names) { context in
            CHDF5_iterate_links(
                identifier.id,
                { _, name, _, context in
                    guard let name, let names = context?.assumingMemoryBound(to: [[UInt8]].self)
                    else { return -1 }
                    names.pointee.append(bytes(of: name))
                    return 0
                }, context)
        }
        try location.check(status, "list")
        names.sort { $0.lexicographicallyPrecedes($1) }
        var children: [Child] = []
        for bytes in names {
            guard let name = String(validating: bytes, as: UTF8.self) else {
                throw location.failure("list", .badData, "a name in it isn't UTF-8")
            }
            children.append(Child(name: name, kind: try kind(of: name) ?? .other))
        }
        return children
    }

    /// Every object below this group, parents before children, sorted by name in each group.
    ///
    /// - Throws: `badData` where a group is reached twice: a hostile file could have a cycle.
    package borrowing func descendants() throws(HDF5Error) -> [Descendant] {
        Library.lock()
        defer { Library.unlock() }
        var found: [Descendant] = []
        var seen: Set<UInt64> = []
        seen.insert(try address())
        try collect(into: &found, seen: &seen, depth: 0)
        return found
    }

    private borrowing func collect(
        into found: inout [Descendant], seen: inout Set<UInt64>, depth: Int
    ) throws(HDF5Error) {
        guard depth < 64 else {
            throw location.failure("list", .badData, "groups are nested too deeply")
        }
        for child in try children() {
            let childPath = joined(path, child.name)
            found.append(Descendant(path: childPath, kind: child.kind))
            guard child.kind == .group else { continue }
            let group = try group(child.name)
            guard seen.insert(try group.address()).inserted else {
                throw group.location.failure("list", .badData, "the group has several paths")
            }
            try group.collect(into: &found, seen: &seen, depth: depth + 1)
        }
    }

    /// The address of the group's header in the file: all paths to the same group share it.
    package borrowing func address() throws(HDF5Error) -> UInt64 {
        Library.lock()
        defer { Library.unlock() }
        var type = H5O_TYPE_UNKNOWN
        var address = CHDF5_UNDEFINED_ADDRESS()
        try location.check(CHDF5_object_info(identifier.id, ".", &type, &address), "list")
        return UInt64(address)
    }
}
