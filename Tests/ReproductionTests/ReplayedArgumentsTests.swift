import Artifacts
import Basics
import Reproduction
import Testing

@Suite("Arguments of a recorded step with other files")
struct ReplayedArgumentsTests {
    private func input(_ path: String) -> ProvenanceStep.Input {
        ProvenanceStep.Input(name: "pairs", kind: "dataset", path: path, digest: nil)
    }

    @Test(
        "The output is taken out, however it was written",
        arguments: [
            ["-o", "out.h5"], ["--output", "out.h5"], ["--output=out.h5"], ["-o=out.h5"], [],
        ])
    func output(_ output: [String]) throws {
        let arguments = try ReplayedArguments(["--seed", "3"] + output + ["in.h5"])
        #expect(arguments.all == ["--seed", "3", "in.h5"])
        #expect(arguments.standardInput == nil)
    }

    @Test("What follows -- is no option")
    func afterDashes() throws {
        #expect(try ReplayedArguments(["-q", "--", "-o", "x"]).all == ["-q", "--", "-o", "x"])
    }

    @Test(
        "Short options that may hide the output are refused",
        arguments: ["-oout.h5", "-qo", "-ovq"])
    func hidden(_ option: String) {
        #expect(throws: Failure.self) { try ReplayedArguments(["in.h5", option]) }
    }

    @Test("An input is named where it is now, its run with it")
    func replacement() throws {
        var arguments = try ReplayedArguments(["a.h5", "b.h5#2", "--pairs", "b.h5", "b.h5x"])
        try arguments.replace(input("b.h5#2"), by: "/scratch/1.h5")
        #expect(
            arguments.all == [
                "a.h5", "/scratch/1.h5#2", "--pairs", "/scratch/1.h5", "b.h5x",
            ])
    }

    @Test("An input that came by a pipe is standard input, and there is one of it")
    func pipe() throws {
        var arguments = try ReplayedArguments(["-", "--json"])
        try arguments.replace(input("-"), by: "/scratch/0.h5")
        #expect(arguments.standardInput == "/scratch/0.h5" && arguments.all == ["-", "--json"])
        try arguments.replace(input("-"), by: "/scratch/0.h5")
        #expect(throws: Failure.self) { try arguments.replace(input("-"), by: "/scratch/1.h5") }
    }
}
