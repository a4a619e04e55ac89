package import Basics
import HDF5

/// What is wrong with an artifact: one line that says what, in which file and path, and what to do.
package struct ArtifactError: ReportedError, Hashable {
    /// What sort of failure it is.
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
        var place = file == "-" ? "standard input or output" : file
        if path != "/" { place += place.isEmpty ? path : ":" + path }
        return place.isEmpty ? message : "\(place): \(message)"
    }
}

extension ArtifactError {
    /// The same error, of the HDF5 module.
    init(_ error: HDF5Error) {
        // What this module asks of HDF5 is its own affair, not the user's.
        let kind = error.kind == .usage ? .internalError : error.kind
        self.init(
            kind, file: error.file, path: error.path, "cannot \(error.operation): \(error.message)")
    }

    /// The same error with the file named, where it was found before the file was known.
    func inFile(_ name: String) -> ArtifactError {
        var error = self
        if error.file.isEmpty { error.file = name }
        return error
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
