import Artifacts
import Basics
import Foundation
import Graphs

/// Copies of an artifact with changed bytes, each of which is refused or holds what the artifact holds; and
/// cut to every 64th part of its length, all of which are refused.
package struct Damage {
    /// Where the artifact is in the repository.
    private let name: String
    private let bytes: Data
    private let digest: String
    /// How many copies were refused.
    package private(set) var refused = 0
    /// How many hold the same content.
    private var same = 0
    /// What was changed in those that hold another content, are refused without a word, or were cut and
    /// aren't refused.
    package private(set) var other: [String] = []

    /// - Parameter name: where the artifact is in the repository.
    /// - Throws: an error where the artifact itself can't be read, or isn't valid.
    package init(of name: String) throws {
        self.name = name
        let path = Repository.path(name)
        bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        guard try Verdict(checking: path).isValid else {
            throw Failure(
                .badData, "\(name): it isn't valid, so that nothing follows of its copies")
        }
        digest = try ArtifactFile(whole: path).header.digest
    }

    /// A line: the file, the copies, how many were refused, how many hold the same content, and those that
    /// hold another.
    package var line: String {
        let fields = [
            name, "\(refused + same + other.count)", "\(refused)", "\(same)",
            other.isEmpty ? "0" : other.joined(separator: ", "),
        ]
        return fields.joined(separator: "\t")
    }

    /// Changes every `step`th byte in two ways, all its bits and one, and cuts the file.
    package mutating func run(step: Int) throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        for offset in stride(from: 0, to: bytes.count, by: step) {
            for mask: UInt8 in [0xFF, 1 << UInt8(offset % 8)] {
                var copy = bytes
                copy[offset] ^= mask
                try check(copy, "byte \(offset) ^ \(mask)", in: scratch)
            }
        }
        for part in 0..<64 {
            try check(
                bytes.prefix(bytes.count * part / 64), "\(part)/64", mayBeSame: false, in: scratch)
        }
    }

    private mutating func check(
        _ copy: Data, _ what: @autoclosure () -> String, mayBeSame: Bool = true, in scratch: Scratch
    ) throws {
        try scratch.withInput(copy) { input in
            let path = try input.file("copy.h5")
            let verdict = try Verdict(checking: path)
            if !verdict.isValid, verdict.problems.contains(where: { !$0.message.isEmpty }) {
                refused += 1
            } else if verdict.isValid, mayBeSame,
                try ArtifactFile(whole: path).header.digest == digest
            {
                same += 1
            } else {
                other.append(what())
            }
        }
    }
}
