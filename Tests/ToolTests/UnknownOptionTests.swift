import TestSupport
import Testing

@Suite("Unknown options")
struct UnknownOptionTests {
    @Test(
        "An unknown option is called so before anything else, with what is probably meant",
        arguments: [
            (
                "circuit-prune --treshold 0.1",
                "unknown option --treshold; did you mean --threshold?"
            ),
            (
                "circuit-prune --threshold 0.1 --metrc=kl x.h5",
                "unknown option --metrc; did you mean --metric?"
            ),
            ("circuit-pairs --modle x", "unknown option --modle; did you mean --model?"),
            ("circuit-show x.h5 --dtail heads", "unknown option --dtail; did you mean --detail?"),
            ("circuit-eval --frobnicate", "unknown option --frobnicate;"),
            ("circuit-score -z x.h5", "unknown option -z;"),
            ("circuit-diff --quite a b", "unknown option --quite; did you mean --quiet?"),
            ("circuit-run --metod", "unknown option --metod"),
        ])
    func unknown(command: String, words: String) throws {
        let outcome = try Shell().run(command)
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1)
    }

    @Test("Values that look like options, and what follows --, are none")
    func values() throws {
        for command in [
            "circuit-prune --threshold -1 x.h5", "circuit-prune --threshold nonsense x.h5",
            "circuit-run -- --nonsense",
        ] {
            #expect(try !Shell().run(command).errors.contains("unknown"))
        }
    }
}
