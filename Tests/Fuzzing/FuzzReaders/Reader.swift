import Basics
package import Foundation

/// One way into the toolkit for bytes from outside.
package struct Reader: Sendable {
    /// What `tools/fuzz` calls it.
    package let name: String
    /// The files in `fixtures/` that inputs are made of, as patterns of the shell.
    let seeds: [String]
    /// The bytes that it may hold besides a share of the input.
    package var memory = 64 << 20
    /// Reads an input as the tools do, and uses what was read.
    let read: @Sendable (Scratch.Input) throws -> Void

    /// All readers.
    package static let all = artifacts + models + tokenizers + interchange + choices + searches

    /// The paths of its seeds: fixtures, and small files and former findings of its own.
    package var seedFiles: [String] {
        let patterns = seeds.map { "fixtures/" + $0 } + ["Tests/Fuzzing/Seeds/\(name)/*"]
        return patterns.flatMap { Repository.files(matching: $0) }
    }

    /// Gives it one input, which it may refuse by an error that names a fault of the input.
    /// - Throws: a `Finding` for any other error.
    package func take(_ bytes: Data, in scratch: Scratch) throws {
        do {
            try scratch.withInput(bytes) { try read($0) }
        } catch {
            try requireSort(error)
        }
    }
}

/// Something that no input may lead to.
struct Finding: Error, CustomStringConvertible {
    let description: String
}

/// An error that says what sort it is, and doesn't blame the toolkit; any other is a finding.
func requireSort(_ error: any Error) throws {
    if error is Finding { throw error }
    guard let sorted = error as? any ReportedError else {
        throw Finding(description: "an error without a sort: \(error)")
    }
    guard sorted.kind != .internalError else {
        throw Finding(description: "called a fault of the toolkit: \(sorted.description)")
    }
}
