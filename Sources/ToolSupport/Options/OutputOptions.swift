import ArgumentParser
package import Artifacts

/// `-o`, `--output`: where an artifact goes.
package struct OutputOptions: ParsableArguments {
    /// The path as the user gave it, or `-`.
    @Option(
        name: .shortAndLong,
        help: "Where to write the artifact; '-' is standard output, which may not be a terminal.",
        completion: .file(extensions: ["h5"]))
    package var output = "-"

    /// Options as the parser fills them.
    package init() {}

    /// Where the artifact goes, which may be none of the files it is made from. Ask before the work
    /// starts: it refuses at once what can't be written in the end, so that an hour of work isn't
    /// lost to a mistyped folder.
    ///
    /// - Parameter inputs: all paths that are read; nil for one that wasn't given.
    /// - Throws: ``Artifacts/ArtifactError``: usage where it is one of the inputs or standard output
    ///   is a terminal, I/O where the folder isn't there or can't be written.
    package func destination(keeping inputs: String?...) throws(ArtifactError) -> ArtifactOutput {
        let destination = try ArtifactOutput(output)
        try destination.check(keeps: inputs)
        return destination
    }
}
