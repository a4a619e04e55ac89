package import Foundation

/// A folder for a test's files, removed with this value.
package struct ScratchFolder: ~Copyable {
    /// Where it is.
    package let url: URL

    /// Makes a folder of its own.
    package init() throws {
        url = FileManager.default.temporaryDirectory
            .appending(path: "circuittools-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    /// The path of the file `name` in it.
    package func path(_ name: String) -> String { url.appending(path: name).path }

    /// The names of what is in it, sorted.
    package func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
