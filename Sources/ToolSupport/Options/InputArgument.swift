public import ArgumentParser

/// The one artifact a tool reads, as its last argument: a path, or `-` for standard input.
public struct InputArgument: ParsableArguments {
    @Argument(
        help: "The artifact to read; '-' is standard input.",
        completion: .file(extensions: ["h5"]))
    var input = "-"

    /// The argument as the parser fills it.
    public init() {}

    /// The path, or `-`.
    ///
    /// - Throws: ``ToolError`` (usage) where standard input is meant but is a terminal: waiting
    ///   for a person to type HDF5 would look like a hang.
    public var path: String {
        get throws(ToolError) { try Self.checked(input) }
    }

    /// `path`, once it is sure not to be a terminal; for tools that read several files.
    ///
    /// - Throws: ``ToolError`` (usage) as ``path`` does.
    public static func checked(_ path: String) throws(ToolError) -> String {
        if path == "-", StandardStreams.inputIsTerminal {
            throw ToolError(
                .usage, "standard input is a terminal; give a path, or pipe an artifact in")
        }
        return path
    }
}
