package import Basics
import Foundation
import Glibc

/// Digests of large files that were computed before, trusted as long as size, times and inode of the
/// file are the same, as git trusts its index.
///
/// A file that changed just before it was read could change again within the resolution of its time: its
/// digest isn't kept. What can't be read or written here costs the time of computing it, nothing else.
package struct DigestCache: Sendable {
    /// Where digests are kept, a file for each file that they are of.
    private let folder: String
    /// Smaller files are always read: it takes a moment.
    private let leastSize: Int
    /// How long ago a file must have changed for its digest to be kept, in seconds.
    private let leastAge: Double

    /// A cache in a folder, which is made when the first digest is kept.
    package init(folder: String, leastSize: Int = 32 << 20, leastAge: Double = 2) {
        self.folder = folder
        self.leastSize = leastSize
        self.leastAge = leastAge
    }

    /// The user's: in `$XDG_CACHE_HOME/circuittools/digests`, by default `~/.cache/circuittools/digests`;
    /// nil where `CIRCUITTOOLS_DIGESTS` is `check`, so that every digest is computed, or where there is
    /// no such folder.
    package init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
        guard environment["CIRCUITTOOLS_DIGESTS"] != "check" else { return nil }
        let home = environment["HOME"].map { $0 + "/.cache" }
        let cache = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home
        guard let cache, cache.hasPrefix("/") else { return nil }
        self.init(folder: cache + "/circuittools/digests")
    }

    /// The digest of a file: the one that is kept, or what `compute` says, which is kept.
    package func digest(
        ofFile path: String, _ compute: () throws(Failure) -> String
    ) throws(Failure) -> String {
        guard let before = FileState(path), before.size >= leastSize else { return try compute() }
        let resolved = URL(filePath: path).resolvingSymlinksInPath().path
        let entry = folder + "/" + ModelDigest.ofText(resolved)
        let key = "\(before) \(resolved)"
        if let digest = kept(at: entry, key) { return digest }
        let age = Date().timeIntervalSince1970 - before.changed
        let digest = try compute()
        if age >= leastAge, FileState(path) == before { keep(digest, at: entry, key) }
        return digest
    }

    private func kept(at entry: String, _ key: String) -> String? {
        guard let text = try? String(contentsOfFile: entry, encoding: .utf8) else { return nil }
        let lines = text.split(separator: "\n", maxSplits: 1)
        let isDigest = lines.first.map { $0.utf8.count == 64 && $0.allSatisfy(\.isHexDigit) }
        guard lines.count == 2, isDigest == true, lines[1] == key else { return nil }
        return String(lines[0])
    }

    private func keep(_ digest: String, at entry: String, _ key: String) {
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try? Data("\(digest)\n\(key)".utf8).write(to: URL(filePath: entry), options: .atomic)
    }
}

/// What changes when a file does, or when another takes its place.
private struct FileState: Hashable, CustomStringConvertible {
    let size: Int
    /// When its content was last modified, and when anything of it was, which can't be set back: in
    /// seconds and nanoseconds.
    private let times: [Int]
    private let inode: UInt64
    private let device: UInt64

    /// Nil where there is no regular file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        size = Int(status.st_size)
        times = [status.st_mtim, status.st_ctim].flatMap { [Int($0.tv_sec), Int($0.tv_nsec)] }
        inode = UInt64(status.st_ino)
        device = UInt64(status.st_dev)
    }

    /// The later of its times, in seconds since 1970.
    var changed: Double {
        max(Double(times[0]) + Double(times[1]) / 1e9, Double(times[2]) + Double(times[3]) / 1e9)
    }

    var description: String {
        "\(size) \(times.map(String.init).joined(separator: " ")) \(inode) \(device)"
    }
}
