import CHDF5
import Basics

/// An open group: a folder of groups and datasets, with attributes.
package struct Group: ~Copyable, Sendable, AttributeOwner {
    let identifier: Identifier

    /// The absolute path, `/clean`.
    package let path: String

    init(_ identifier: consuming Identifier, path: String) {
        self.identifier = identifier
        self.path = path
    }

    /// For the attribute functions.
    package var object: ObjectReference {
        ObjectReference(id: identifier.id, file: identifier.file, location: location)
    }

    /// The file or name that errors of this group give.
    package var fileName: String { location.file }

    var location: Location { Location(file: identifier.file?.name ?? "", path: path) }

    /// Creates the group `name`, which may be a path whose groups are created too.
    package borrowing func createGroup(_ name: String) throws(HDF5Error) -> Group {
        Library.lock()
        defer { Library.unlock() }
        let place = location.appending(name)
        try place.checkName(name, "create group")
        try createParents(of: name)
        let creation = Identifier(
            try place.check(H5Pcreate(CHDF5_GROUP_CREATE()), "create group", .internalError),
            close: H5Pclose)
        try place.check(H5Pset_obj_track_times(creation.id, false), "create group")
        let id = try place.check(
            H5Gcreate2(identifier.id, name, CHDF5_DEFAULT(), creation.id, CHDF5_DEFAULT()),
            "create group", .io)
        return Group(Identifier(id, in: identifier.file, close: H5Gclose), path: place.path)
    }

    /// Opens the group at `path`, relative to this one or absolute.
    package borrowing func group(_ path: String) throws(HDF5Error) -> Group {
        Library.lock()
        defer { Library.unlock() }
        let place = location.appending(path)
        try checkPath(path, is: .group)
        let id = try place.check(H5Gopen2(identifier.id, path, CHDF5_DEFAULT()), "open group")
        return Group(Identifier(id, in: identifier.file, close: H5Gclose), path: place.path)
    }

    /// Removes the link `name`; its object goes with its last link.
    package borrowing func delete(_ name: String) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        let place = location.appending(name)
        try place.checkName(name, "delete")
        try place.check(H5Ldelete(identifier.id, name, CHDF5_DEFAULT()), "delete", .io)
    }

    /// Closes the group; it also closes when it goes out of scope.
    package consuming func close() {}

    /// Makes the groups on the way to `name`, those without times that this module makes.
    borrowing func createParents(of name: String) throws(HDF5Error) {
        guard let slash = name.lastIndex(of: "/"), slash > name.startIndex else { return }
        let parent = String(name[..<slash])
        if try !contains(parent) { _ = try createGroup(parent) }
    }
}
