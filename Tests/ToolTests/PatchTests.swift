import Artifacts
import Foundation
import TestSupport
import Testing

@Suite("circuit-patch")
struct PatchTests {
    private static func makePairs(_ shell: borrowing Shell) throws {
        let made = try shell.run(
            """
            circuit-pairs --from \(Fixture.path("reference/tiny-gpt2/pairs.jsonl")) \
            --model \(Fixture.path("models/tiny-gpt2")) -o d.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
    }

    @Test("By default the residual stream is patched, layer by position")
    func heatMap() throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        let made = try shell.run("circuit-patch d.h5 -o p.h5 && circuit-check -q p.h5")
        #expect(made.status == 0, "\(made.errors)")
        let effects = try PatchEffectsArtifact.read(from: shell.folder.path("p.h5")).content
        #expect(effects.effects.shape == [3, 7])
        #expect(effects.components[1] == "blocks.1.hook_resid_pre" && effects.layers == [0, 1, 2])
        #expect(effects.site == "resid_pre" && effects.level == "node")
        #expect(effects.direction == "corrupted-into-clean")
        #expect(effects.perPair?.shape == [3, 7, effects.cleanMetric.count])
        let shown = try shell.run("circuit-show p.h5")
        #expect(shown.output.contains("layer"))
    }

    @Test("A cache in a pipe is patched as its dataset is")
    func cache() throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        let made = try shell.run(
            """
            circuit-cache d.h5 | circuit-patch --site z --direction denoising --metric kl - \
            | circuit-show --json -
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(try made.json()["artifact"] as? String == "patch-effects")
    }

    @Test("--edges patches single edges")
    func edges() throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        let made = try shell.run(
            """
            circuit-patch --edges 'm*->a2.h1<q>,*->logits' --ablation mean d.h5 -o p.h5
            circuit-check -q p.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let effects = try PatchEffectsArtifact.read(from: shell.folder.path("p.h5")).content
        #expect(effects.level == "edge" && effects.ablation == "mean")
        #expect(effects.components.count == 2 + 16)
        #expect(effects.components.first == "m0->a2.h1<q>")
        #expect(effects.layers.last == -1)
        #expect(effects.positions == ["all"])
    }

    @Test(
        "A value of an option that makes no sense is a usage error of one line",
        arguments: [
            ("--site nowhere", 64, "no site"), ("--metric accurate", 64, "no metric"),
            ("--direction up", 64, "no direction"), ("--ablation some", 64, "no ablation"),
            ("--edges 'x->y'", 64, "no edge"), ("--components 'a9.*' --site z", 64, "no component"),
            ("--positions IO", 64, "no position"), ("--ungroup-kv", 64, "--edges"),
            ("--edges '*' --components '*'", 64, "both"),
            ("--direction denoising --ablation optimal", 64, "choose noising"),
        ])
    func badOptions(options: String, status: Int32, message: String) throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        let outcome = try shell.run("circuit-patch \(options) d.h5 -o p.h5")
        #expect(outcome.status == status)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1)
    }

    @Test("An artifact of another kind is bad data")
    func otherKind() throws {
        let shell = try Shell()
        try shell.writeEveryKind()
        let outcome = try shell.run("circuit-patch circuit.h5 -o p.h5")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("circuit.h5"))
    }

    @Test("Answers of several tokens are bad data")
    func longAnswers() throws {
        let shell = try Shell()
        let outcome = try shell.run(
            """
            echo '{"clean_ids": [1, 2], "corrupted_ids": [3, 2], "answer_ids": [4], \
            "wrong_answer_ids": [[5, 6]]}' > own.jsonl
            circuit-pairs -q --from own.jsonl --model \(Fixture.path("models/tiny-gpt2")) \
            | circuit-patch - -o p.h5
            """)
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("single token"))
    }

    @Test("Where words lie at other places in other pairs, results by position say so")
    func movingPositions() throws {
        let shell = try Shell()
        let model = Fixture.path("models/demo")
        let made = try shell.run(
            """
            circuit-pairs -q ioi --model \(model) -n 12 --templates 15 --order mixed -o mixed.h5
            circuit-pairs -q ioi --model \(model) -n 4 -o one.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
        for command in [
            "circuit-patch", "circuit-score --positions -m eap-ig-inputs",
            "circuit-prune --positions --threshold 4",
        ] {
            let mixed = try shell.run("\(command) --metric kl mixed.h5 -o mixed-out.h5")
            #expect(mixed.status == 0, "\(mixed.errors)")
            #expect(mixed.errors.contains("IO is at "), "\(command): \(mixed.errors)")
            let one = try shell.run("\(command) --metric kl one.h5 -o one-out.h5")
            #expect(one.status == 0 && !one.errors.contains("is at "), "\(command): \(one.errors)")
        }
        let named = try shell.run("circuit-patch --positions named mixed.h5 -o named.h5")
        #expect(named.status == 0 && !named.errors.contains("is at "), "\(named.errors)")
    }
}
