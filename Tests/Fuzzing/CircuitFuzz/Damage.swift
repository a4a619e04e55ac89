import Artifacts
import Basics
import Foundation
import Graphs

/// Bytes of every golden file changed, and each cut to every 64th part of its length.
enum Damage {
    /// What became of the damaged copies of one file.
    private struct Count {
        var refused = 0
        var same = 0
        var other: [String] = []
    }

    /// Damages each file at every `step`th byte and prints a line of counts for it.
    /// - Returns: whether each copy was refused or holds what the file held.
    static func run(step: Int) throws -> Bool {
        print("file\tcopies\trefused\tsame content\tother content")
        var isRight = true
        for path in goldenFiles() {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            guard try Verdict(checking: path).isValid else {
                throw Failure(
                    .badData, "\(path): it isn't valid, so that nothing follows of its copies")
            }
            let digest = try ArtifactFile(whole: path).header.digest
            let scratch = try Scratch()
            defer { scratch.remove() }
            scratch.holdTemporaryFiles()
            var count = Count()
            var tried = 64
            func check(_ copy: Data, _ what: @autoclosure () -> String) throws {
                try scratch.withInput(copy) { input in
                    let copy = try input.file("copy.h5")
                    let found = try Verdict(checking: copy)
                    if !found.isValid {
                        count.refused += 1
                    } else if try ArtifactFile(whole: copy).header.digest == digest {
                        count.same += 1
                    } else {
                        count.other.append(what())
                    }
                }
            }
            for offset in stride(from: 0, to: bytes.count, by: step) {
                tried += 2
                for mask: UInt8 in [0xFF, 1 << UInt8(offset % 8)] {
                    var copy = bytes
                    copy[offset] ^= mask
                    try check(copy, "byte \(offset) ^ \(mask)")
                }
            }
            for part in 0..<64 {
                try check(bytes.prefix(bytes.count * part / 64), "\(part)/64")
            }
            scratch.remove()
            print(
                path, tried, count.refused, count.same,
                count.other.isEmpty ? "0" : count.other.joined(separator: ", "), separator: "\t")
            isRight = isRight && count.other.isEmpty
        }
        return isRight
    }

    /// The golden files of every kind and version.
    private static func goldenFiles() -> [String] {
        ArtifactKind.allCases.flatMap { kind in
            let folder = "fixtures/" + kind.rawValue
            let versions = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return versions.sorted().map { "\(folder)/\($0)/sample.h5" }
        }
    }
}
