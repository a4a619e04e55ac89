import ArgumentParser
import Testing
import ToolSupport

@Suite("Options as they were given")
struct GivenOptionsTests {
    @Test(
        "An option counts as given under its long name, however it is written",
        arguments: [
            (["--steps", "5", "in.h5"], "steps"), (["--steps=5"], "steps"),
            (["-o", "x.h5"], "output"),
            (["-qv"], "verbose"), (["-t=0.1"], "threshold"), (["in.h5", "--json"], "json"),
        ])
    func given(arguments: [String], name: String) {
        #expect(GivenOptions(arguments).contains(name))
    }

    @Test(
        "Values, arguments, numbers and what follows -- are not options",
        arguments: [
            ["in.h5", "steps"], ["--", "--steps"], ["--threshold", "-1"], ["-"], ["--stepsize"], [],
        ])
    func notGiven(arguments: [String]) {
        #expect(!GivenOptions(arguments).contains("steps"))
        #expect(!GivenOptions(arguments).contains("output"))
    }

    @Test("An option without use is refused by name, with the reason")
    func refusal() throws {
        let given = GivenOptions(["-q", "-o", "x.h5", "--seed", "1", "--level", "head"])
        try given.requireOnly(["seed", "level"], because: "nothing")
        try given.refuse(["steps"], because: "nothing")
        let only = #expect(throws: ValidationError.self) {
            try given.requireOnly(["level"], because: "nothing is drawn")
        }
        #expect(only?.message == "--seed has no use here: nothing is drawn")
        #expect(throws: ValidationError.self) {
            try given.refuse(["level", "steps"], because: "it is an edge")
        }
    }
}
