import Artifacts
import Basics
import Testing
import ToolSupport

@Suite("Exit statuses of errors")
struct ExitStatusTests {
    static let errors: [(any ReportedError, Int32)] = [
        (Failure(.usage, ""), 64), (Failure(.badData, ""), 65),
        (Failure(.missingInput, ""), 66), (Failure(.internalError, ""), 70),
        (Failure(.io, ""), 74), (ArtifactError(.usage, ""), 64),
        (ArtifactError(.badData, ""), 65), (ArtifactError(.missingInput, ""), 66),
        (ArtifactError(.internalError, ""), 70), (ArtifactError(.io, ""), 74),
    ]

    @Test("An error of each kind ends the process with its status", arguments: errors.indices)
    func sysexits(index: Int) {
        let (error, status) = Self.errors[index]
        #expect(error.exitStatus.rawValue == status)
    }
}
