import Artifacts
import Basics
import Interchange
import Models
import Testing
import Tokenization
import ToolSupport

@Suite("Errors of the libraries and the statuses they end a process with")
struct ExitStatusTests {
    static let errors: [(any ReportedError, Int32)] = [
        (Failure(.usage, ""), 64), (Failure(.badData, ""), 65),
        (Failure(.missingInput, ""), 66), (Failure(.internalError, ""), 70),
        (Failure(.io, ""), 74), (ArtifactError(.usage, ""), 64),
        (ArtifactError(.badData, ""), 65), (ArtifactError(.missingInput, ""), 66),
        (ArtifactError(.internalError, ""), 70), (ArtifactError(.io, ""), 74),
        (Failure(.badData, ""), 65), (Failure(.missingInput, ""), 66),
        (Failure(.usage, ""), 64), (Failure(.io, ""), 74),
        (Failure(.io, ""), 74),
    ]

    @Test(arguments: errors.indices)
    func sysexits(index: Int) {
        let (error, status) = Self.errors[index]
        #expect(error.exitStatus.rawValue == status)
    }
}
