import ArgumentParser
package import Artifacts

/// The one artifact a tool reads, as its last argument: a path, or `-` for standard input.
package struct InputArgument: ParsableArguments {
    /// The path as the user gave it, or `-`.
    @Argument(
        help: "The artifact to read; '-' is standard input.",
        completion: .file(extensions: ["h5"]))
    package var input = "-"

    /// The argument as the parser fills it.
    package init() {}

    /// Opens the artifact, whatever its kind.
    ///
    /// - Throws: ``Artifacts/ArtifactError``: usage where standard input is a terminal, missing input
    ///   where there is no such file, bad data where it is no artifact that these tools read.
    package func open() throws(ArtifactError) -> ArtifactFile {
        try ArtifactFile(input)
    }
}
