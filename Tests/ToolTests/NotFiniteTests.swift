import Artifacts
import Foundation
import HDF5
import TestSupport
import Testing

/// Values that are infinite or not a number end with status 65, and never in a result.
@Suite("Values that aren't finite")
struct NotFiniteTests {
    private func spoil(
        _ shell: borrowing Shell, _ name: String, _ dataset: String, _ value: Float
    ) throws {
        let file = try File.open(shell.folder.path(name), mode: .readWrite)
        let stored = try file.root().dataset(dataset)
        var values = try stored.read(as: Float.self)
        values[values.count - 1] = value
        try stored.write(values)
    }

    @Test(
        "A value in a cache that is not finite is bad data, with its place",
        arguments: [Float.nan, .infinity])
    func cache(value: Float) throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        _ = try shell.run("circuit-score -q d.h5 | circuit-prune -q --edges 50 - -o p.h5")
        try spoil(shell, "c.h5", "clean/blocks.0.hook_mlp_out", value)
        for command in [
            "circuit-prune --threshold 0.1 c.h5 -o x.h5", "circuit-score c.h5 -o x.h5",
            "circuit-eval --pairs c.h5 p.h5 -o x.h5",
        ] {
            let outcome = try shell.run(command)
            #expect(outcome.status == 65, "\(outcome.errors)")
            #expect(
                outcome.errors.contains("c.h5:/clean/blocks.0.hook_mlp_out: a value of pair 1"))
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(shell.has("x.h5") == false)
        }
        let check = try shell.run("circuit-check c.h5")
        #expect(check.status == 1)
        #expect(check.output.contains("/clean/blocks.0.hook_mlp_out: it has values that are inf"))
    }

    @Test("A score that is not finite is bad data", arguments: [Float.nan, -.infinity])
    func scores(value: Float) throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        _ = try shell.run("circuit-score -q c.h5 -o s.h5")
        try spoil(shell, "s.h5", "edges/score", value)
        for command in [
            "circuit-prune --edges 5 s.h5 -o x.h5", "circuit-eval --pairs c.h5 s.h5",
            "circuit-show s.h5", "circuit-score --level layer s.h5 -o x.h5",
        ] {
            let outcome = try shell.run(command)
            #expect(outcome.status == 65, "\(outcome.errors)")
            #expect(outcome.errors.contains("s.h5:/edges/score: a score is inf"))
            #expect(outcome.output.isEmpty && !shell.has("x.h5"))
        }
        #expect(try shell.run("circuit-check s.h5").status == 1)
    }

    @Test("Scores of some edges are valid, but no circuit is taken from them")
    func unscoredEdges() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let made = try shell.run(
            """
            circuit-score -q --method exact --receivers logits c.h5 -o s.h5
            circuit-check -q s.h5 && circuit-show s.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        for command in ["circuit-prune --edges 5 s.h5 -o x.h5", "circuit-eval --pairs c.h5 s.h5"] {
            let outcome = try shell.run(command)
            #expect(outcome.status == 65 && outcome.errors.contains("weren't scored"))
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        }
    }

    @Test(
        "Thresholds that are not finite, or the same, are usage errors",
        arguments: [
            "--threshold inf", "--threshold 1e400", "--threshold -inf", "--thresholds inf,1",
            "--thresholds 0.1,0.1",
        ])
    func thresholds(option: String) throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let outcome = try shell.run("circuit-prune \(option) c.h5 -o x.h5")
        #expect(outcome.status == 64 && outcome.errorLines.count == 1, "\(outcome.errors)")
    }

    @Test("Infinite thresholds of an artifact are null in JSON")
    func json() throws {
        let shell = try Shell()
        var circuit = CircuitArtifact.sample
        circuit.threshold = .infinity
        circuit.runs[0].threshold = -.infinity
        try shell.write(circuit, "c.h5")
        let json = try shell.shown("c.h5")
        #expect(!(json["threshold"] is Double))
        #expect((json["runs"] as? [[String: Any]])?.count == 2)
    }

    @Test("A model whose outputs overflow has no faithfulness: bad data, and no artifact")
    func overflowingModel() throws {
        let shell = try Shell()
        try FileManager.default.copyItem(
            atPath: Fixture.path("models/tiny-llama-gqa"), toPath: shell.folder.path("huge"))
        // Finite weights whose products aren't.
        let url = URL(fileURLWithPath: shell.folder.path("huge/model.safetensors"))
        var data = try Data(contentsOf: url)
        let header = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        for offset in stride(from: 8 + header, to: data.count - 3, by: 4) {
            let bits = data[offset..<offset + 4].reversed().reduce(UInt32(0)) {
                $0 << 8 | UInt32($1)
            }
            let scaled = (Float(bitPattern: bits) * 1e18).bitPattern.littleEndian
            data.replaceSubrange(
                offset..<offset + 4, with: withUnsafeBytes(of: scaled) { Data($0) })
        }
        try data.write(to: url)
        let made = try shell.run(
            """
            circuit-pairs -q induction --model huge -n 2 --seed 0 -o d.h5
            echo '{"edges": ["input->m0", "m0->logits"]}' > k.json
            circuit-prune -q --known k.json --model huge -o k.h5
            echo '{"edges": ["input->logits"]}' > l.json
            circuit-prune -q --known l.json --model huge -o l.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        for command in [
            "circuit-eval --metric kl --pairs d.h5 k.h5 -o x.h5",
            "circuit-eval --metric kl --pairs d.h5 k.h5 l.h5 -o x.h5",
        ] {
            let outcome = try shell.run(command)
            #expect(outcome.status == 65 && outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains("overflow"), "\(outcome.errors)")
            #expect(outcome.output.isEmpty && !shell.has("x.h5"))
        }
    }
}

/// Weights that are finite, of a model whose numbers overflow: every tool that runs it ends with
/// status 65 and says where.
@Suite("Models whose numbers overflow")
struct OverflowTests {
    /// Copies the model tiny-gpt2 as `m`, sets all values of a tensor, and makes two pairs, `d.h5`.
    private func makeModel(
        _ shell: borrowing Shell, setting tensor: String, to value: Float
    ) throws {
        _ = try shell.run("cp -r \(Fixture.path("models/tiny-gpt2")) m && chmod -R u+w m")
        let file = URL(filePath: shell.folder.path("m/model.safetensors"))
        var bytes = try Data(contentsOf: file)
        let length = bytes.prefix(8).enumerated().reduce(0) {
            $0 | Int($1.element) << (8 * $1.offset)
        }
        let header = try #require(
            JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any])
        let entry = try #require(header[tensor] as? [String: Any])
        #expect(entry["dtype"] as? String == "F32")
        let range = try #require(entry["data_offsets"] as? [Int])
        let pattern = withUnsafeBytes(of: value.bitPattern.littleEndian) { Data($0) }
        for offset in stride(from: range[0], to: range[1], by: 4) {
            bytes.replaceSubrange(8 + length + offset..<8 + length + offset + 4, with: pattern)
        }
        try bytes.write(to: file)
        let made = try shell.run(
            """
            for last in 7 8; do
              echo '{"clean_ids": [3, 4, '$last'], "corrupted_ids": [3, 5, '$last'], \
                "answer_ids": [[1]], "wrong_answer_ids": [[2]]}'
            done > pairs.jsonl
            circuit-pairs -q --from pairs.jsonl --model m -o d.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
    }

    @Test("A layer that overflows")
    func layer() throws {
        let shell = try Shell()
        try makeModel(shell, setting: "transformer.h.1.mlp.c_proj.weight", to: 3e38)
        for command in [
            "circuit-cache d.h5 -o x.h5", "circuit-prune --threshold 0.1 d.h5 -o x.h5",
            "circuit-score d.h5 -o x.h5", "circuit-score --method eap-ig-inputs d.h5 -o x.h5",
            "circuit-patch --site resid_pre d.h5 -o x.h5",
        ] {
            let outcome = try shell.run(command)
            #expect(outcome.status == 65, "\(command): \(outcome.errors)")
            #expect(outcome.errorLines.count == 1, "\(command): \(outcome.errors)")
            #expect(shell.has("x.h5") == false && shell.has("x.h5.journal") == false)
        }
        let cached = try shell.run("circuit-cache d.h5 -o x.h5")
        #expect(cached.errors.contains("/clean/blocks.1.hook_mlp_out: a value of pair 0 is"))
        let pruned = try shell.run("circuit-prune --threshold 0.1 d.h5 -o x.h5")
        #expect(pruned.errors.contains("the clean prompt of pair 0: blocks.1.hook_mlp_out"))
        let run = try shell.run("circuit-run --model m --ids 3,4,7")
        #expect(run.status == 65 && run.output.isEmpty, "\(run.errors)")
        #expect(run.errors.contains("prompt 0: the logits are infinite or not a number"))
    }

    @Test("An activation too large for the type of a cache")
    func float16() throws {
        let shell = try Shell()
        try makeModel(shell, setting: "transformer.h.1.mlp.c_proj.bias", to: 1e5)
        let outcome = try shell.run("circuit-cache --dtype float16 d.h5 -o x.h5")
        #expect(outcome.status == 65 && !shell.has("x.h5"), "\(outcome.errors)")
        #expect(outcome.errors.contains("too large for float16: take bfloat16 or float32"))
        #expect(
            try shell.run("circuit-cache --dtype bfloat16 d.h5 -o x.h5 && circuit-check -q x.h5")
                .status == 0)
    }
}
