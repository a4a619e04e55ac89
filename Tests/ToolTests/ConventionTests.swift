import Artifacts
import TestSupport
import Testing

/// What all executables promise alike.
@Suite("Conventions of the executables")
struct ConventionTests {
    static let tools = [
        "circuit-run", "circuit-pairs", "circuit-cache", "circuit-patch", "circuit-score",
        "circuit-prune", "circuit-eval", "circuit-trace", "circuit-steer", "circuit-vector",
        "circuit-diff", "circuit-show", "circuit-check", "circuit-convert",
    ]

    @Test("--help ends with examples, one of them a pipeline", arguments: tools)
    func help(tool: String) throws {
        let help = try Shell().run("\(tool) --help")
        #expect(help.status == 0)
        #expect(help.errors.isEmpty)
        #expect(help.output.contains("EXAMPLES:"))
        #expect(help.output.contains("| "), "one of the examples is a pipeline")
    }

    @Test("--version names the executable and the toolkit", arguments: tools)
    func version(tool: String) throws {
        let version = try Shell().run("\(tool) --version")
        #expect(version.status == 0)
        #expect(version.output.hasPrefix("\(tool) (CircuitTools) "))
        #expect(version.output.contains("\nHDF5 1."))
        let usesModel = ![
            "circuit-show", "circuit-diff", "circuit-check", "circuit-convert",
        ].contains(tool)
        #expect(version.output.contains("\nOpenBLAS ") == usesModel)
    }

    @Test("An unknown option is a usage error of one line", arguments: tools)
    func unknownOption(tool: String) throws {
        let outcome = try Shell().run("\(tool) --no-such-option x y")
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.hasPrefix("\(tool): "))
        #expect(outcome.errors.contains("--help"))
    }

    @Test(
        "A file that is not there is missing input, in one line",
        arguments: [
            "circuit-show none.h5", "circuit-check none.h5", "circuit-diff none.h5 none.h5",
            "circuit-cache none.h5 -o c.h5", "circuit-patch none.h5 -o p.h5",
            "circuit-prune --threshold 1 none.h5 -o p.h5", "circuit-score none.h5 -o s.h5",
            "circuit-eval --truth ioi none.h5",
        ])
    func missingInput(command: String) throws {
        let outcome = try Shell().run(command)
        #expect(outcome.status == 66)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("none.h5"))
    }

    @Test("There are completion scripts for three shells", arguments: ["bash", "zsh", "fish"])
    func completionScripts(shell: String) throws {
        let script = try Shell().run("circuit-show --generate-completion-script \(shell)")
        #expect(script.status == 0)
        #expect(script.output.contains("--decisions") || script.output.contains("decisions"))
    }

    @Test("Output on a full device is an I/O error", arguments: tools)
    func fullDevice(tool: String) throws {
        let outcome = try Shell().run("\(tool) --help > /dev/full")
        #expect(outcome.status == 74)
        #expect(outcome.errors.contains("No space left"))
        #expect(outcome.errorLines.count == 1)
    }

    @Test("Closed standard output is an I/O error")
    func closedOutput() throws {
        #expect(try Shell().run("circuit-show --help >&-").status == 74)
    }

    @Test("A reader that closes the pipe ends a tool by SIGPIPE, without a message")
    func closedPipe() throws {
        let shell = try Shell()
        let graph = GraphTable.sample(layers: 8, heads: 8)
        try shell.write(CircuitArtifact.sample(graph, edges: ["input->m0": 1]), "large.h5")
        // More than a pipe holds, also where the parent ignores SIGPIPE as some do.
        for prelude in ["", "trap '' PIPE; "] {
            let outcome = try shell.run(
                prelude + "circuit-show --json large.h5 | head -c 10; echo \"${PIPESTATUS[0]}\"")
            #expect(outcome.output.hasSuffix("141\n"), "killed by SIGPIPE, as any Unix tool")
            #expect(outcome.errors.isEmpty)
        }
    }

    @Test("Standard input that is a terminal is a usage error")
    func terminalInput() throws {
        let outcome = try Shell().run("script -qec 'circuit-show' /dev/null")
        #expect(outcome.status == 64)
        #expect(outcome.output.contains("terminal"))
    }

    @Test("An artifact is not written to a terminal")
    func terminalOutput() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let outcome = try shell.run(
            "script -qec 'circuit-diff --write union loose.h5 tight.h5' /dev/null")
        #expect(outcome.status == 64)
        #expect(outcome.output.contains("terminal"))
        #expect(!outcome.output.contains("HDF\r"), "the signature of the format")
    }
}
