import Basics
import CHDF5

/// An open group: a folder of groups and datasets, with attributes.
package struct Group: ~Copyable, Sendable, AttributeOwner {
    let identifier: Identifier

    /// The absolute path, `/clean`.
    package let path: String

    init(_ identifier: consuming Identifier, path: String) {
        self.identifier = identifier
        self.path = path
    }

    /// The reference for the functions of ``AttributeOwner``.
    package var object: ObjectReference {
        ObjectReference(id: identifier.id, file: identifier.file, location: location)
    }

    /// The name of the file in errors.
    package var fileName: String { location.file }

    var location: Location { Location(file: identifier.file?.name ?? "", path: path) }

    /// Creates the group `name`, which may be a path whose groups are created too.
    package borrowing func createGroup(_ name: String) throws(HDF5Error) -> Group {
        Library.lock()
        defer { Library.unlock() }
        let child = location.appending(name)
        try child.checkName(name, "create group")
        try createParents(of: name)
        let creation = Identifier(
            try child.check(H5Pcreate(CHDF5_GROUP_CREATE()), "create group", .internalError),
            close: H5Pclose)
        try child.check(H5Pset_obj_track_times(creation.id, false), "create group")
        let id = try child.check(
            H5Gcreate2(identifier.id, name, CHDF5_DEFAULT(), creation.id, CHDF5_DEFAULT()),
            "create group", .io)
        return Group(Identifier(id, in: identifier.file, close: H5Gclose), path: child.path)
    }

    /// Opens the group at `path`, relative to this one or absolute.
    package borrowing func group(_ path: String) throws(HDF5Error) -> Group {
        Library.lock()
        defer { Library.unlock() }
        let child = location.appending(path)
        try checkPath(path, is: .group)
        let id = try child.check(H5Gopen2(identifier.id, path, CHDF5_DEFAULT()), "open group")
        return Group(Identifier(id, in: identifier.file, close: H5Gclose), path: child.path)
    }

    /// Removes the link `name`; an object is removed with its last link.
    package borrowing func delete(_ name: String) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        let child = location.appending(name)
        try child.checkName(name, "delete")
        try child.check(H5Ldelete(identifier.id, name, CHDF5_DEFAULT()), "delete", .io)
    }

    /// Renames the object `name` of this group; both may be paths, whose groups must be there.
    package borrowing func move(_ name: String, to path: String) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        let child = location.appending(name)
        try child.checkName(name, "move")
        try child.checkName(path, "move")
        try child.check(
            H5Lmove(
                identifier.id, name, identifier.id, path, CHDF5_DEFAULT(), CHDF5_DEFAULT()),
            "move", .io)
    }

    /// Copies the object `name` of this group, with all that is in it, into another group, which may be
    /// one of another file. Links to other files are copied as links, not followed.
    package borrowing func copy(_ name: String, to group: borrowing Group) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        let child = location.appending(name)
        try child.checkName(name, "copy")
        try child.check(
            H5Ocopy(
                identifier.id, name, group.identifier.id, name, CHDF5_DEFAULT(), CHDF5_DEFAULT()),
            "copy", .io)
    }

    /// Closes the group; it also closes when it goes out of scope.
    package consuming func close() {}

    /// Creates the missing groups of the path `name`, without times of creation and modification.
    borrowing func createParents(of name: String) throws(HDF5Error) {
        guard let slash = name.lastIndex(of: "/"), slash > name.startIndex else { return }
        let parent = String(name[..<slash])
        if try !contains(parent) { _ = try createGroup(parent) }
    }
}
