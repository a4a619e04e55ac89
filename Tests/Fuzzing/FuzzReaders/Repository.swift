import Foundation

/// The files of the repository that readers are given.
package enum Repository {
    /// Its root: this file lies three folders below it.
    private static let root: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.path
    }()

    /// The path of a file by its path in the repository.
    static func path(_ name: String) -> String { root + "/" + name }

    /// The path in the repository of one of its files.
    package static func name(_ path: String) -> String { String(path.dropFirst(root.count + 1)) }

    /// The paths of its files whose paths in it match a pattern of the shell, sorted.
    static func files(matching pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(path(pattern), 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap {
            found.gl_pathv[$0].map { String(cString: $0) }
        }
    }
}
