import Basics
import Foundation

/// Files in memory: the input, and what is beside it.
package final class Scratch {
    /// An input that is read now: its bytes, and the folder of its own in which files can be made.
    struct Input {
        let bytes: Data
        let folder: String

        /// A path in the folder.
        func path(_ name: String) -> String { folder + "/" + name }

        /// Writes the bytes to a file; gives its path.
        func file(_ name: String = "input") throws -> String {
            try write(bytes, to: name)
        }

        /// Writes a file; gives its path.
        @discardableResult
        func write(_ data: Data, to name: String) throws -> String {
            guard FileManager.default.createFile(atPath: path(name), contents: data) else {
                throw Failure(.io, "\(path(name)): can't be written")
            }
            return path(name)
        }

        /// Puts the files of a folder of fixtures beside the input, but for one that the input stands for;
        /// gives the folder.
        func makeFolder(like fixture: String, with name: String) throws -> String {
            let original = Repository.path("fixtures/" + fixture)
            for file in try FileManager.default.contentsOfDirectory(atPath: original)
            where file != name {
                try FileManager.default.createSymbolicLink(
                    atPath: path(file), withDestinationPath: original + "/" + file)
            }
            _ = try self.file(name)
            return folder
        }
    }

    private let root: String
    private var count = 0

    package init() throws {
        let parent = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
        // Several in one process have folders of their own.
        root = "\(parent)/circuit-fuzz.\(getpid()).\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: root, withIntermediateDirectories: false)
    }

    /// Lets temporary files of this process be made here.
    package func holdTemporaryFiles() { setenv("TMPDIR", root, 1) }

    /// Gives `body` an input in a new folder, which is removed afterwards.
    func withInput<Result>(_ bytes: Data, _ body: (Input) throws -> Result) throws -> Result {
        count += 1
        let folder = "\(root)/\(count)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(Input(bytes: bytes, folder: folder))
    }

    /// Removes everything.
    package func remove() { try? FileManager.default.removeItem(atPath: root) }
}
