import Basics
import CHDF5

extension Group {
    /// Whether `path` leads to an object of this file.
    package borrowing func contains(_ path: String) throws(HDF5Error) -> Bool {
        try kind(of: path) != nil
    }

    /// The kind of object that `path` leads to, relative to this group or absolute; nil for none.
    package borrowing func kind(of path: String) throws(HDF5Error) -> ObjectKind? {
        Library.lock()
        defer { Library.unlock() }
        try location.checkName(path, "open")
        switch try resolve(path) {
        case .missing: return nil
        case .refused: return .other
        case .object(let type):
            return switch type {
            case H5O_TYPE_GROUP: .group
            case H5O_TYPE_DATASET: .dataset
            default: .other
            }
        }
    }

    /// Checks that `path` leads to an object of `kind` in this file, and so may be opened.
    borrowing func checkPath(_ path: String, is kind: ObjectKind) throws(HDF5Error) {
        let child = location.appending(path)
        let what = kind == .group ? "group" : "dataset"
        let operation = "open \(what)"
        try child.checkName(path, operation)
        switch try resolve(path) {
        case .missing: throw child.failure(operation, .badData, "there is none")
        case .refused(let reason): throw child.failure(operation, .badData, reason)
        case .object(let type):
            guard type == (kind == .group ? H5O_TYPE_GROUP : H5O_TYPE_DATASET) else {
                throw child.failure(operation, .badData, "it isn't a \(what)")
            }
        }
    }

    private enum Resolution {
        case missing
        case refused(String)
        case object(H5O_type_t)
    }

    /// Follows `path` link by link, and only hard links: a link of another kind could open another
    /// file, and artifacts have none.
    private borrowing func resolve(_ path: String) throws(HDF5Error) -> Resolution {
        let child = location.appending(path)
        var prefix = path.hasPrefix("/") ? "/" : "."
        var type = H5O_TYPE_GROUP
        for part in path.split(separator: "/") where part != "." {
            guard type == H5O_TYPE_GROUP else { return .missing }
            prefix += prefix == "/" ? String(part) : "/" + part
            guard try child.check(H5Lexists(identifier.id, prefix, CHDF5_DEFAULT()), "open") > 0
            else { return .missing }
            var link = H5L_info_t()
            try child.check(CHDF5_link_info(identifier.id, prefix, &link), "open")
            switch link.type {
            case H5L_TYPE_HARD: break
            case H5L_TYPE_EXTERNAL: return .refused("it is a link to another file")
            default: return .refused("it is a symbolic link, which isn't followed")
            }
            var address = CHDF5_UNDEFINED_ADDRESS()
            try child.check(CHDF5_object_info(identifier.id, prefix, &type, &address), "open")
        }
        return .object(type)
    }
}
