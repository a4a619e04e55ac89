import Foundation
import TestSupport

/// Runs command lines as a user types them, with the executables that were built beside the tests.
struct Shell: ~Copyable {
    /// What a command line did.
    struct Outcome {
        /// The exit status; above 128 for a signal.
        var status: Int32
        /// Standard output.
        var output: String
        /// Standard error.
        var errors: String

        /// The lines of standard error.
        var errorLines: [Substring] { errors.split(separator: "\n") }

        /// Standard output as one JSON object.
        func json() throws -> [String: Any] {
            let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return value as? [String: Any] ?? [:]
        }
    }

    /// Where the commands run.
    let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    /// The folder of the built executables: that of the tests themselves.
    private static let executables: String = {
        let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return URL(fileURLWithPath: path ?? CommandLine.arguments[0])
            .deletingLastPathComponent().path
    }()

    /// Runs `command` in bash, in the scratch folder; any command of a pipeline that fails fails it.
    ///
    /// - Parameter environment: Variables besides those that are there.
    func run(_ command: String, environment: [String: String] = [:]) throws -> Outcome {
        // Files instead of pipes: no output is too long for them.
        let (output, errors) = (folder.path(".output"), folder.path(".errors"))
        for path in [output, errors] {
            try Data().write(to: URL(fileURLWithPath: path))
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", "set -o pipefail; " + command]
        process.currentDirectoryURL = folder.url
        var variables = ProcessInfo.processInfo.environment
        variables["PATH"] = Self.executables + ":" + (variables["PATH"] ?? "/usr/bin:/bin")
        variables["TERM"] = "xterm-256color"
        variables["COLUMNS"] = nil
        variables["NO_COLOR"] = nil
        process.environment = variables.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try text(output), errors: try text(errors))
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}
