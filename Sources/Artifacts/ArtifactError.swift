internal import HDF5

/// What is wrong with an artifact: one line that says what, in which file and path, and what to do.
public struct ArtifactError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whose fault it is; the executables turn it into an exit code of sysexits.
    public enum Kind: Hashable, Sendable {
        /// What was asked for makes no sense (64).
        case usage
        /// The file isn't what it should be (65).
        case badData
        /// There is no such file (66).
        case missingInput
        /// A mistake of the program (70).
        case internalError
        /// The operating system refused (74).
        case io
    }

    /// Whose fault it is.
    public var kind: Kind
    /// The file, `-` for stdin or stdout; empty where none is involved.
    public var file: String
    /// The path inside the file; `/` for the file as a whole.
    public var path: String
    /// What is wrong, and what to do.
    public var message: String

    /// Makes an error from its parts.
    public init(_ kind: Kind, file: String = "", path: String = "/", _ message: String) {
        self.kind = kind
        self.file = file
        self.path = path
        self.message = message
    }

    /// One line: the file, the path inside it, and what is wrong.
    public var description: String {
        var place = file == "-" ? "standard input or output" : file
        if path != "/" { place += place.isEmpty ? path : ":" + path }
        return place.isEmpty ? message : "\(place): \(message)"
    }
}

extension ArtifactError {
    /// The same error, of the HDF5 module.
    init(_ error: HDF5Error) {
        let kind: Kind =
            switch error.kind {
            case .usage, .internalError: .internalError
            case .badData: .badData
            case .missingInput: .missingInput
            case .io: .io
            }
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
