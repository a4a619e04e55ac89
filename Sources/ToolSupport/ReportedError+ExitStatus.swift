package import Basics

extension ReportedError {
    /// The status that the process ends with.
    package var exitStatus: ExitStatus {
        switch kind {
        case .usage: .usage
        case .badData: .badData
        case .missingInput: .missingInput
        case .internalError: .internalError
        case .io: .io
        }
    }
}
