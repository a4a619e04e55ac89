import Artifacts
import Foundation
import TestSupport
import Testing

@Suite("circuit-score")
struct ScoreTests {
    private static func makePairs(_ shell: borrowing Shell) throws {
        let made = try shell.run(
            """
            circuit-pairs --from \(Fixture.path("reference/tiny-llama-gqa/pairs.jsonl")) \
            --model \(Fixture.path("models/tiny-llama-gqa")) -o d.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
    }

    @Test(
        "Every method writes valid scores",
        arguments: [
            "eap", "eap-ig-inputs --steps 3", "eap-ig-activations --steps 2", "clean-corrupted",
            "exact", "hisp", "atp-star", "information-flow-routes", "random --seed 3",
            "mask-gradient",
            "subnetwork-probing --optimization-steps 3 --lambda 5 --seed 1",
            "edge-pruning --optimization-steps 4 --target-sparsity 0.5 --learning-rate 0.5",
            "uniform-gradient-sampling --optimization-steps 3 --lambda 0.01",
        ])
    func methods(method: String) throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        let made = try shell.run(
            "circuit-score --method \(method) d.h5 -o s.h5 && circuit-check -q s.h5")
        #expect(made.status == 0, "\(made.errors)")
        let scores = try EdgeScoresArtifact.read(from: shell.folder.path("s.h5")).content
        #expect(scores.scores.count == scores.graph.edgeCount)
        #expect(method.hasPrefix(scores.method) && scores.metric == "logit-diff")
        #expect(scores.scores.contains { $0 != 0 })
        #expect((scores.nodeScores != nil) == ["hisp", "atp-star"].contains(method))
    }

    @Test("A cache and a dataset give the same scores, per pair too, and through a pipe")
    func inputs() throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        let options = "--metric kl --ablation mean --ungroup-kv --method eap-ig-inputs"
        let made = try shell.run(
            """
            circuit-score \(options) --per-pair d.h5 -o a.h5
            circuit-cache d.h5 | circuit-score \(options) - | tee b.h5 | circuit-show --json -
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(try made.json()["artifact"] as? String == "edge-scores")
        let a = try EdgeScoresArtifact.read(from: shell.folder.path("a.h5")).content
        let b = try EdgeScoresArtifact.read(from: shell.folder.path("b.h5")).content
        #expect(a.steps == 5 && a.ablation == "mean" && a.graph == b.graph)
        #expect(zip(a.scores, b.scores).allSatisfy { abs($0 - $1) < 1e-4 })
        let perPair = try #require(a.perPair)
        let pairs = perPair.shape[1]
        for edge in a.scores.indices {
            let row = perPair.values[edge * pairs..<(edge + 1) * pairs]
            let mean = row.reduce(0.0) { $0 + Double($1) } / Double(pairs)
            #expect(a.scores[edge] == Float(mean))
        }
    }

    @Test("Learnt masks are those of their seed, and their losses are kept and told")
    func learnedMasks() throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        let options = "--method subnetwork-probing --metric kl --optimization-steps 5"
        let made = try shell.run(
            """
            circuit-score \(options) --seed 4 --threads 1 -v d.h5 -o a.h5
            circuit-score \(options) --seed 4 --threads 2 -q d.h5 -o b.h5
            circuit-score \(options) --seed 5 -q d.h5 -o c.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.errors.contains("step 5 of 5: loss "))
        let scores = try ["a", "b", "c"].map {
            try EdgeScoresArtifact.read(from: shell.folder.path($0 + ".h5"))
        }
        #expect(scores[0].digest == scores[1].digest && scores[0].digest != scores[2].digest)
        #expect(scores[0].content.losses?.count == 5)
        #expect(scores[0].content.steps == 5 && scores[0].content.seed == 4)
        #expect(scores[0].provenance.records.last?.step?.seed == 4)
    }

    @Test("Mask gradients are taken at a circuit")
    func maskGradientAtACircuit() throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        let made = try shell.run(
            """
            circuit-prune -q --threshold 0.01 d.h5 -o c.h5
            circuit-score --method mask-gradient --metric kl --circuit c.h5 d.h5 -o s.h5
            circuit-prune -q --threshold 0.01 --ungroup-kv d.h5 -o u.h5
            circuit-score --method mask-gradient --circuit u.h5 d.h5 -o t.h5
            """)
        #expect(made.status == 65 && made.errorLines.count == 1, "\(made.errors)")
        let scores = try EdgeScoresArtifact.read(from: shell.folder.path("s.h5"))
        // At the full model the divergence is at its minimum.
        #expect(scores.content.scores.contains { abs($0) > 1e-3 })
        #expect(scores.provenance.records.last?.step?.inputs.map(\.name) == ["dataset", "circuit"])
    }

    @Test("Optimal ablation is fitted where it is asked for, and told")
    func optimalAblation() throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        let fitting = "--ablation optimal --ablation-steps 4 --ablation-seed 2"
        let made = try shell.run(
            """
            circuit-score --method eap \(fitting) --metric kl d.h5 -o a.h5
            circuit-score -q --method eap \(fitting) --metric kl --threads 1 d.h5 -o b.h5
            circuit-prune \(fitting) --threshold 0.01 d.h5 -o c.h5
            circuit-patch \(fitting) --site z --metric kl d.h5 -o p.h5
            circuit-patch -q \(fitting) --edges '*->logits' --metric kl d.h5 -o e.h5
            for file in a b c p e; do circuit-check -q $file.h5; done
            """)
        #expect(made.status == 0, "\(made.errors)")
        let told = made.errorLines.filter { $0.contains("optimal ablation: random circuits") }
        #expect(told.count == 3 && Set(told.map { $0.drop { $0 != ":" } }).count == 1)
        let scores = try ["a", "b"].map {
            try EdgeScoresArtifact.read(from: shell.folder.path($0 + ".h5"))
        }
        #expect(scores[0].digest == scores[1].digest)
        #expect(scores[0].content.ablation == "optimal")
        #expect(scores[0].provenance.records.last?.step?.seed == 2)
        let refused = try shell.run(
            "circuit-patch --ablation optimal --ablation-steps 1 --site resid_pre d.h5 -o q.h5")
        #expect(refused.status == 64 && refused.errors.contains("heads (z) and MLPs"))
    }

    @Test("Scores at finer levels are summed up to coarser ones, of pairs or of scores")
    func levels() throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        let made = try shell.run(
            """
            circuit-score --positions d.h5 -o p.h5 && circuit-check -q p.h5
            circuit-score --level neuron d.h5 -o n.h5 && circuit-check -q n.h5
            circuit-score --level layer d.h5 -o l.h5 && circuit-check -q l.h5
            circuit-score --level layer p.h5 -o lp.h5 && circuit-check -q lp.h5
            circuit-score --level head --positions p.h5 | circuit-show --json -
            """)
        #expect(made.status == 0, "\(made.errors)")
        let edges = try #require(try made.json()["edges"] as? [[String: Any]])
        #expect(edges.contains { $0["edge"] as? String == "input@2->a0.kv0@2" })
        func read(_ name: String) throws -> EdgeScoresArtifact {
            try EdgeScoresArtifact.read(from: shell.folder.path(name)).content
        }
        let (direct, byWay, neurons) = (try read("l.h5"), try read("lp.h5"), try read("n.h5"))
        #expect(direct.graph == byWay.graph && direct.graph.level == "layer")
        let scale = direct.scores.map(abs).max() ?? 0
        #expect(
            zip(direct.scores, byWay.scores).allSatisfy { abs($0 - $1) < 1e-4 * scale })
        #expect(neurons.neuronScores?.shape == [neurons.graph.nodes.count, 64])
        let exact = try shell.run(
            "circuit-score -q --method exact --receivers logits d.h5 -o e.h5; "
                + "circuit-score --level layer e.h5 -o x.h5")
        #expect(exact.status == 64 && exact.errors.contains("exact don't"), "\(exact.errors)")
        let finer = try shell.run("circuit-score --level head l.h5 -o x.h5")
        #expect(finer.status == 64 && finer.errors.contains("coarser"), "\(finer.errors)")
        let other = try shell.run("circuit-cache l.h5 -o x.h5")
        #expect(other.status == 65, "\(other.errors)")
    }

    @Test("Scores that can only be zero are warned of")
    func zeroGradients() throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        let eap = try shell.run("circuit-score -q --metric kl d.h5 -o a.h5")
        #expect(eap.status == 0 && eap.errors.contains("eap-ig-inputs"), "\(eap.errors)")
        for options in [
            "--metric nll", "--metric kl --method eap-ig-inputs", "--metric kl --method exact",
        ] {
            let other = try shell.run("circuit-score -q \(options) d.h5 -o b.h5")
            #expect(other.status == 0 && other.errors.isEmpty, "\(other.errors)")
        }
    }

    @Test("What is missing or doesn't fit is said in one line")
    func badInput() throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        let made = try shell.run(
            """
            echo '{"clean_ids":[5,6,7],"corrupted_ids":[5,8,7]}' > bare.jsonl
            circuit-pairs --from bare.jsonl --model \(Fixture.path("models/tiny-llama-gqa")) -o b.h5
            circuit-prune --threshold 1 --metric kl d.h5 -o c.h5
            circuit-prune --threshold 1 --metric kl --ungroup-kv d.h5 -o u.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
        for (arguments, status, message) in [
            ("b.h5", 65, "pair 0 has no answers"),
            ("--metric rank --method exact b.h5", 65, "answers"),
            ("none.h5", 66, "none.h5"), ("c.h5", 65, "dataset is needed"),
            ("--method eep d.h5", 64, "there is no method 'eep'"),
            ("--metric accuracy d.h5", 64, "no gradient"),
            ("--method mask-gradient --circuit u.h5 d.h5", 65, "graph"),
        ] {
            let outcome = try shell.run("circuit-score \(arguments) -o s.h5")
            #expect(outcome.status == Int32(status), "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains(message), "\(arguments): \(outcome.errors)")
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        }
    }

    @Test("What a method can't score is refused before constants are fitted")
    func refusedBeforeFitting() throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        let made = try shell.run(
            "circuit-score --method atp-star --ablation optimal d.h5 -o s.h5")
        // What a fit found is said on stderr: here the refusal is all there is.
        #expect(made.status == 64 && made.errorLines.count == 1, "\(made.errors)")
        #expect(made.errors.contains("--ablation resample"))
    }

    @Test("What makes no sense is said in one line")
    func refusals() throws {
        let shell = try Shell()
        try Self.makePairs(shell)
        for (options, status) in [
            ("--method eep", 64), ("--metric wrong", 64), ("--steps 0", 64),
            ("--method hisp --per-pair", 64), ("--method atp-star --per-pair", 64),
            ("--method atp-star --ablation zero", 64), ("--metric rank", 64),
            ("--level block", 64), ("--method exact --level head", 64),
            ("--positions --per-pair", 64),
            ("--method eap --lambda 1", 64),
            ("--method edge-pruning --lambda 1", 64),
            ("--method subnetwork-probing --target-sparsity 0.9", 64),
            ("--method exact --optimization-steps 9", 64),
            ("--method edge-pruning --target-sparsity 1.5", 64),
            ("--method edge-pruning --optimization-steps 0", 64),
            ("--method subnetwork-probing --per-pair", 64),
            ("--ablation mean --ablation-steps 3", 64),
            ("--ablation optimal --ablation-steps -1", 64),
            ("--method eap --circuit c.h5", 64), ("--method mask-gradient --circuit c.h5", 66),
            ("--method mask-gradient --circuit d.h5", 65),
        ] {
            let made = try shell.run("circuit-score \(options) d.h5 -o s.h5")
            #expect(made.status == Int32(status), "\(options): \(made.errors)")
        }
    }
}
