package import Basics
import HDF5

/// An error about an artifact: one line that says what is wrong, in which file and path, and what to
/// do.
package struct ArtifactError: ReportedError, Hashable {
    /// The kind of failure, which decides the exit code.
    package var kind: FailureKind
    /// The file, `-` for stdin or stdout; empty where none is involved.
    package var file: String
    /// The path inside the file; `/` for the file as a whole.
    package var path: String
    /// What is wrong, and what to do.
    package var message: String

    /// Makes an error from its parts.
    package init(_ kind: FailureKind, file: String = "", path: String = "/", _ message: String) {
        self.kind = kind
        self.file = file
        self.path = path
        self.message = message
    }

    /// One line: the file, the path inside it, and what is wrong.
    package var description: String {
        var location = file == "-" ? "standard input or output" : file
        if path != "/" { location += location.isEmpty ? path : ":" + path }
        return location.isEmpty ? message : "\(location): \(message)"
    }
}

extension ArtifactError {
    /// An error of the HDF5 module as one of this module.
    init(_ error: HDF5Error) {
        // A wrong call of the HDF5 module is a fault of this module, not of the user.
        let kind = error.kind == .usage ? .internalError : error.kind
        self.init(
            kind, file: error.file, path: error.path, "cannot \(error.operation): \(error.message)")
    }
}

/// Runs `body` and turns an error of the HDF5 module into one of this module.
func rethrowing<Result: ~Copyable>(
    _ body: () throws(HDF5Error) -> Result
) throws(ArtifactError) -> Result {
    do {
        return try body()
    } catch {
        throw ArtifactError(error)
    }
}
