import Foundation

/// One way into the toolkit for bytes from outside.
struct Reader: Sendable {
    /// What `tools/fuzz` calls it.
    let name: String
    /// The files in `fixtures/` that inputs are made of, as patterns of the shell.
    let seeds: [String]
    /// The bytes that it may hold besides a share of the input.
    var memory = 64 << 20
    /// Reads an input as the tools do, and uses what was read.
    let read: @Sendable (Scratch.Input) throws -> Void

    /// Where its seeds are: the fixtures, and small files and former findings of its own.
    var seedPatterns: [String] {
        seeds.map { "fixtures/" + $0 } + ["Tests/Fuzzing/Seeds/\(name)/*"]
    }

    /// All readers.
    static let all = artifacts + models + tokenizers + interchange + choices + searches
}
