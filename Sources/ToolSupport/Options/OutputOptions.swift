public import ArgumentParser
public import Artifacts

/// `-o`, `--output`: where an artifact goes.
public struct OutputOptions: ParsableArguments {
    /// The path as the user gave it, or `-`.
    @Option(
        name: .shortAndLong,
        help: "Where to write the artifact; '-' is standard output, which may not be a terminal.",
        completion: .file(extensions: ["h5"]))
    public var output = "-"

    /// Options as the parser fills them.
    public init() {}

    /// Where the artifact goes. Ask before the work starts: it refuses at once what can't be written
    /// in the end, so that an hour of work isn't lost to a mistyped folder.
    ///
    /// - Throws: ``Artifacts/ArtifactError``: usage where standard output is a terminal, I/O where
    ///   the folder isn't there or can't be written.
    public var destination: ArtifactOutput {
        get throws(ArtifactError) { try ArtifactOutput(output) }
    }

    /// Where the artifact goes, which may not be the file it is made from.
    ///
    /// - Throws: ``Artifacts/ArtifactError``: as ``destination``, and usage where it is that file.
    public func destination(keeping input: String) throws(ArtifactError) -> ArtifactOutput {
        let destination = try destination
        try destination.check(keeps: input)
        return destination
    }
}
