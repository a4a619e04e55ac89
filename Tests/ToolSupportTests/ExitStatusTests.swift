import Artifacts
import Interchange
import Models
import Testing
import Tokenization
import ToolSupport

@Suite("Errors of the libraries and the statuses they end a process with")
struct ExitStatusTests {
    static let errors: [(any ReportedError, Int32)] = [
        (ModelError(.usage, ""), 64), (ModelError(.badData, ""), 65),
        (ModelError(.missingInput, ""), 66), (ModelError(.internalError, ""), 70),
        (ModelError(.io, ""), 74), (ArtifactError(.usage, ""), 64),
        (ArtifactError(.badData, ""), 65), (ArtifactError(.missingInput, ""), 66),
        (ArtifactError(.internalError, ""), 70), (ArtifactError(.io, ""), 74),
        (TokenizationError(.badData, ""), 65), (TokenizationError(.missingInput, ""), 66),
        (InterchangeError(.usage, ""), 64), (InterchangeError(.io, ""), 74),
        (ToolError(.io, ""), 74),
    ]

    @Test(arguments: errors.indices)
    func sysexits(index: Int) {
        let (error, status) = Self.errors[index]
        #expect(error.exitStatus.rawValue == status)
    }
}
