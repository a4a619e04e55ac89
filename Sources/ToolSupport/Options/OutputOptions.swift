public import ArgumentParser
import Glibc

/// `-o`, `--output`: where an artifact goes.
public struct OutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "Where to write; '-' is standard output, which may not be a terminal.",
        completion: .file(extensions: ["h5"]))
    var output = "-"

    /// Options as the parser fills them.
    public init() {}

    /// The path, or `-`, once it is sure that an artifact can go there: ask before the work
    /// starts, so that an hour of it isn't lost to a mistyped folder.
    ///
    /// - Throws: ``ToolError``: usage where standard output is a terminal or the path is a folder,
    ///   missing input where the folder doesn't exist, I/O where it can't be written.
    public var path: String {
        get throws(ToolError) { try Self.checked(output) }
    }

    /// `path`, once it is sure that an artifact can be written there; for tools with several
    /// outputs.
    ///
    /// - Throws: ``ToolError`` as ``path`` does.
    public static func checked(_ path: String) throws(ToolError) -> String {
        if path == "-" {
            guard !StandardStreams.outputIsTerminal else {
                throw ToolError(
                    .usage,
                    "standard output is a terminal and an artifact is binary; "
                        + "add -o FILE, or pipe it into circuit-show -")
            }
            return path
        }
        if isFolder(path) {
            throw ToolError(.usage, "\(path) is a folder; name a file in it")
        }
        let folder = parent(of: path)
        guard isFolder(folder) else {
            throw ToolError(.missingInput, "\(path): there is no folder \(folder); make it first")
        }
        guard access(folder, W_OK) == 0 || access(path, W_OK) == 0 else {
            throw ToolError(.io, "\(path): the folder \(folder) can't be written; write elsewhere")
        }
        return path
    }

    private static func isFolder(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
