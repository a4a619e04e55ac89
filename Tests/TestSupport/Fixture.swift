package import Foundation
package import Testing

/// Files that tests read: those of `fixtures/`, and models too large for the repository.
package enum Fixture {
    /// The path of `name` inside the repository's `fixtures/`.
    package static func path(_ name: String) -> String {
        // This file, Tests/TestSupport/Fixture.swift, lies two folders below the root.
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("fixtures")
            .appendingPathComponent(name).path
    }

    /// The content of `name` inside the repository's `fixtures/`.
    package static func data(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path(name)))
    }

    /// Where SmolLM2's GGUF lies on this machine, `nil` where it doesn't: `tools/fetch-model
    /// smollm2` gets it. For `.enabled(if: Fixture.smolLM2 != nil, Fixture.needsSmolLM2)`.
    package static let smolLM2: String? = {
        let environment = ProcessInfo.processInfo.environment
        let folder =
            environment["CIRCUITTOOLS_MODELS"]
            ?? (environment["HOME"] ?? "") + "/.cache/circuittools/models"
        let path = folder + "/SmolLM2-135M-Instruct.Q4_1.gguf"
        return FileManager.default.isReadableFile(atPath: path) ? path : nil
    }()

    /// What a skipped test says of a missing SmolLM2.
    package static let needsSmolLM2: Comment =
        "needs SmolLM2: `tools/fetch-model smollm2` gets it"
}
