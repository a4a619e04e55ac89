package import Artifacts
import Basics

/// A file format of another tool: what it is called, what it holds, how it is recognised, and how it
/// is turned into an artifact and back.
///
/// ``InterchangeFormats`` lists the types that conform; `circuit-convert --formats`, the table of
/// `docs/formats.md` and the recognition of files are made of what they say of themselves.
package protocol InterchangeFormat: Sendable {
    /// What `--from` and `--to` call it: `mib-json`.
    var name: String { get }
    /// The tool that it is of, and what a file is there.
    var origin: String { get }
    /// What names of such files end with, the usual one first, without the dot.
    var extensions: [String] { get }
    /// How a file is told from those of other formats.
    var recognition: String { get }
    /// The kinds of artifact that a file is turned into, the usual one first.
    var reads: [ArtifactKind] { get }
    /// The kinds of artifact that a file is made of.
    var writes: [ArtifactKind] { get }
    /// What an artifact has and the format has no place for.
    var cannotHold: String { get }

    /// Whether a file is of bytes that no terminal shows.
    var isBinary: Bool { get }
    /// How files are read, where `reads` is empty, as the end of a sentence: `only written`.
    var reading: String { get }

    /// Whether a file that isn't an artifact is of this format, by its content.
    func recognizes(_ file: ForeignFile) -> Bool

    /// Turns a file into an artifact of a kind among `reads`.
    /// - Throws: ``Basics/Failure`` that names the file and the place in it.
    func read(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws

    /// Turns an artifact of a kind among `writes` into a file.
    /// - Throws: ``Basics/Failure`` where the format can't hold it.
    func write(_ artifact: ArtifactFile, by job: WritingJob) throws
}

extension InterchangeFormat {
    package var isBinary: Bool { false }
    package var reading: String { "only written, not read" }

    /// Refuses to read a format that is only written.
    package func read(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws {
        throw Failure(.usage, "\(file.name): \(name) is \(reading)")
    }

    /// Refuses to write a format that is only read.
    package func write(_ artifact: ArtifactFile, by job: WritingJob) throws {
        throw Failure(.usage, "\(artifact.name): \(name) is only read, not written")
    }
}
