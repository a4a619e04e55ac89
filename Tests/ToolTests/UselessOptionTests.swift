import Testing

/// An option that was given and would change nothing is refused, in one line that names it.
@Suite("Options without use")
struct UselessOptionTests {
    /// Command lines, each ended by the option that it has no use for.
    static let commands: [(command: String, option: String)] =
        [
            "--method exact", "--metric kl", "--ablation zero", "--ungroup-kv", "--per-pair",
            "--circuit p.h5", "--steps 3", "--seed 1", "--model demo", "--optimization-steps 3",
            "--ablation-steps 3", "--threads 1", "--weights float32",
        ].map { ("circuit-score s.h5 -o x.h5 \($0)", $0) }
        + [
            "--metric kl", "--ablation-steps 3", "--pairs-per-test 4", "--threads 1", "--known ioi",
        ].map { ("circuit-prune --threshold 0.1 s.h5 -o x.h5 \($0)", $0) }
        + [
            "--metric kl", "--ablation zero", "--order library", "--absolute", "--one-by-one",
            "--ungroup-kv", "--threads 2", "--greedy",
        ].map { ("circuit-prune --known ioi -o x.h5 \($0)", $0) }
        + [
            "--percent 5", "--greedy", "--knockout nodes", "--bootstrap 0 --confidence 0.9",
        ].map { ("circuit-eval --pairs c.h5 p.h5 \($0)", $0) }
        + [
            "--metric kl", "--random 3", "--greedy", "--model demo", "--minimality",
        ].map { ("circuit-eval --truth p.h5 p.h5 \($0)", $0) }
        + ["--run 1", "--decisions"].map { ("circuit-show s.h5 \($0)", $0) }
        + ["--detail full", "--max-edges 3"].map { ("circuit-show p.h5 \($0)", $0) }
        + ["--top 3", "--edge m0", "--decisions", "--json"].map {
            ("circuit-show p.h5 --dot x.dot \($0)", $0)
        }
        + [
            ("circuit-score --method eap c.h5 -o x.h5 --seed 5", "--seed"),
            ("circuit-score --method eap c.h5 -o x.h5 --circuit p.h5", "--circuit"),
            ("circuit-show c.h5 --edge m0", "--edge"),
            ("circuit-diff p.h5 p.h5 --json --top 3", "--top"),
            ("circuit-patch c.h5 --edges 'm*->logits' -o x.h5 --site z", "--site"),
            ("circuit-pairs ioi --model demo -o x.h5 --metric kl", "--metric"),
            ("circuit-pairs ioi --model demo -o x.h5 --weights float32", "--weights"),
            ("circuit-pairs ioi --model demo -o x.h5 --threads 2", "--threads"),
            ("circuit-pairs --list --seed 3", "--seed"),
            ("circuit-run --model demo --tokens x --threads 2", "--threads"),
            ("circuit-run --model demo --info --weights float32", "--weights"),
            ("circuit-cache d.h5 -o x.h5 --weights bfloat16", "--weights"),
        ]

    @Test("An option that changes nothing is refused by name in one line, and no file is written")
    func refusal() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let made = try shell.run(
            "circuit-score -q c.h5 -o s.h5 && circuit-prune -q --edges 50 s.h5 -o p.h5")
        try #require(made.status == 0, "\(made.errors)")
        for (command, options) in Self.commands {
            let outcome = try shell.run(command)
            let option = options.split(separator: " ").last { $0.hasPrefix("--") } ?? ""
            #expect(outcome.status == 64, "\(command): \(outcome.errors)")
            #expect(outcome.errors.contains(option), "\(command): \(outcome.errors)")
            #expect(outcome.errorLines.count == 1, "\(command): \(outcome.errors)")
            #expect(!shell.has("x.h5") && !shell.has("x.dot"), "\(command)")
        }
    }

    @Test("Steps of a method without steps are noted, not refused")
    func steps() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        // Scripts may give them whatever the method is.
        let made = try shell.run("circuit-score --method eap --steps 5 c.h5 -o s.h5")
        #expect(made.status == 0 && made.errors.contains("--steps has no use"), "\(made.errors)")
    }

    @Test("--known refuses an input, and a model beside a built-in circuit")
    func knownCircuit() throws {
        let shell = try Shell()
        for (arguments, words) in [
            ("ioi none.h5", "none.h5"), ("my.json", "--model"), ("ioi --model demo", "built-in"),
        ] {
            let outcome = try shell.run("circuit-prune -o x.h5 --known \(arguments)")
            #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
            #expect(outcome.errorLines.count == 1)
        }
    }

    @Test("--positions is refused for scores that have none")
    func positions() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let outcome = try shell.run(
            "circuit-score -q c.h5 -o s.h5; circuit-score --level head --positions s.h5 -o x.h5")
        #expect(outcome.status == 64 && outcome.errors.contains("--positions"), "\(outcome.errors)")
        #expect(shell.has("x.h5") == false)
    }
}
