public import Artifacts
public import Circuits
public import Engine
public import Interchange
public import Models
public import Tokenization

// The error of each library, and the status it ends the process with. The libraries know nothing
// of executables, so the conformances stand here, one for each module.

extension ArtifactError: ReportedError {
    /// The status that belongs to the error's kind.
    public var exitStatus: ExitStatus {
        switch kind {
        case .usage: .usage
        case .badData: .badData
        case .missingInput: .missingInput
        case .internalError: .internalError
        case .io: .io
        }
    }
}

extension CircuitError: ReportedError {
    /// The status that belongs to the error's kind.
    public var exitStatus: ExitStatus {
        switch kind {
        case .usage: .usage
        case .badData: .badData
        case .internalError: .internalError
        }
    }
}

extension EngineError: ReportedError {
    /// The status that belongs to the error's kind.
    public var exitStatus: ExitStatus {
        switch kind {
        case .usage: .usage
        case .badData: .badData
        case .internalError: .internalError
        case .io: .io
        }
    }
}

extension ModelError: ReportedError {
    /// The status that belongs to the error's kind.
    public var exitStatus: ExitStatus {
        switch kind {
        case .usage: .usage
        case .badData: .badData
        case .missingInput: .missingInput
        case .internalError: .internalError
        case .io: .io
        }
    }
}

extension InterchangeError: ReportedError {
    /// The status that belongs to the error's kind.
    public var exitStatus: ExitStatus {
        switch kind {
        case .usage: .usage
        case .badData: .badData
        case .missingInput: .missingInput
        case .io: .io
        }
    }
}

extension TokenizationError: ReportedError {
    /// The status that belongs to the error's kind.
    public var exitStatus: ExitStatus {
        switch kind {
        case .badData: .badData
        case .missingInput: .missingInput
        }
    }
}
