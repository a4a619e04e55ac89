import Glibc

/// The file in which an output is made until it is whole, `OUTPUT.PID.partial`, beside it.
///
/// A run that is killed leaves it; the next run that makes the same output removes it, or goes on with it.
package enum PartialFile {
    private static let suffix = ".partial"

    /// The path of this process's file for an output.
    /// - Parameter target: the output's path, without symbolic links.
    package static func path(for target: String) -> String {
        "\(target).\(getpid())\(suffix)"
    }

    /// The files of an output that were left by processes which aren't there any more, sorted.
    /// - Parameter target: the output's path, without symbolic links.
    package static func left(for target: String) -> [String] {
        let slash = target.lastIndex(of: "/")
        let folder = slash.map { String(target[...$0]) } ?? ""
        let prefix = (slash.map { String(target[target.index(after: $0)...]) } ?? target) + "."
        guard let entries = opendir(folder.isEmpty ? "." : folder) else { return [] }
        defer { closedir(entries) }
        var paths: [String] = []
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(prefix), name.hasSuffix(suffix),
                let process = pid_t(name.dropFirst(prefix.count).dropLast(suffix.count)),
                process > 0, kill(process, 0) != 0, errno == ESRCH
            else { continue }
            paths.append(folder + name)
        }
        return paths.sorted()
    }

    /// Removes the files of an output that killed processes left.
    /// - Parameter target: the output's path, without symbolic links.
    package static func removeLeft(for target: String) {
        for path in left(for: target) { unlink(path) }
    }
}
