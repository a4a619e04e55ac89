package import ArgumentParser
import Artifacts
import Basics
import Glibc
import HDF5

/// A command of the toolkit: a `ParsableCommand` whose failures reach the shell as the toolkit
/// promises: one line on stderr and an exit status from `sysexits.h`.
///
/// Write the executable `circuit-x` as `@main struct XTool: CircuitTool`, with a `configuration` made by
/// ``ArgumentParser/CommandConfiguration/tool(_:abstract:discussion:examples:)``, and print through
/// ``StandardOutput``. `validate()` judges the arguments alone: all it throws is a usage error.
package protocol CircuitTool: ParsableCommand {
    /// The libraries in use and their versions, a line each, for `--version`.
    static var libraries: [String] { get }
}

extension CircuitTool {
    package static var libraries: [String] { [storageLibrary] }

    /// The library of the file format, `HDF5 1.10.8`.
    package static var storageLibrary: String { "HDF5 \(HDF5.libraryVersion())" }

    /// Parses the arguments, runs the command, and ends the process with its exit status.
    ///
    /// swift-argument-parser's own `main()` ends with status 1 on every thrown error, which is
    /// taken here: `circuit-diff` and `circuit-check` answer "they differ", "not valid" with it.
    package static func main() {
        StandardStreams.prepare()
        let status = run(arguments: Array(CommandLine.arguments.dropFirst()))
        Glibc.exit(status.rawValue)
    }

    /// Runs the command with `arguments` and says how it ended; failures are printed on stderr.
    static func run(arguments: [String]) -> ExitStatus {
        var command: any ParsableCommand
        do {
            command = try parseAsRoot(arguments.map(ArtifactName.argument))
        } catch {
            return endOfParsing(error, of: arguments)
        }
        do {
            try command.run()
            try StandardOutput.close()
            return .success
        } catch {
            return endOfRun(error)
        }
    }

    /// How the process ends after the parser stopped it: with the text asked for (`--help`,
    /// `--version`, a completion script) or with a usage error.
    private static func endOfParsing(_ error: any Error, of arguments: [String]) -> ExitStatus {
        guard exitCode(for: error).isSuccess else {
            // Whatever else the parser found may follow from an option that isn't one.
            if let unknown = UnknownOption(in: arguments, of: Self.self) {
                Console.error("\(unknown.message); see '\(Console.toolName) --help'")
                return .usage
            }
            if let failure = RefusedChoice.failure { return report(failure) }
            let text = message(for: error)
            let hint = NegativeValue(missedBy: text, in: arguments).map { "; " + $0.advice } ?? ""
            Console.error("\(text)\(hint); see '\(Console.toolName) --help'")
            return .usage
        }
        let text = fullMessage(for: error)
        // Asked only here: loading OpenBLAS takes longer than a start may.
        return text == configuration.version
            ? printing(([text] + libraries).joined(separator: "\n")) : printing(text)
    }

    /// How the process ends after `run()` threw.
    private static func endOfRun(_ error: any Error) -> ExitStatus {
        // What was printed before the failure is still the reader's.
        let flushed = Result { () throws(Failure) in try StandardOutput.close() }
        switch error {
        case let code as ExitCode:
            // A verdict such as "they differ" counts only if it could be printed.
            if case .failure(let failure) = flushed {
                return report(failure)
            }
            return ExitStatus(rawValue: code.rawValue)
        case is ValidationError:
            Console.error("\(message(for: error)); see '\(Console.toolName) --help'")
            return .usage
        case let error as any ReportedError:
            return report(error)
        default:
            if exitCode(for: error).isSuccess {
                return printing(fullMessage(for: error))
            }
            Console.error("internal error: \(error); please report it with the command line")
            return .internalError
        }
    }

    private static func printing(_ text: String) -> ExitStatus {
        do throws(Failure) {
            try StandardOutput.print(text)
            try StandardOutput.close()
            return .success
        } catch {
            return report(error)
        }
    }

    private static func report(_ error: any ReportedError) -> ExitStatus {
        Console.error(error.description)
        return error.exitStatus
    }
}
