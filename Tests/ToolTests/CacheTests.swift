import Artifacts
import Foundation
import HDF5
import Models
import TestSupport
import Testing

@Suite("circuit-cache")
struct CacheTests {
    private static func pairs(_ shell: borrowing Shell, of model: String = "tiny-gpt2") throws {
        let made = try shell.run(
            """
            circuit-pairs --from \(Fixture.path("reference/\(model)/pairs.jsonl")) \
            --model \(Fixture.path("models/\(model)")) -o d.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
    }

    @Test(
        "Cached states, read as plain HDF5, are those of transformers",
        arguments: [
            "tiny-gpt2", "tiny-llama-gqa", "tiny-gpt-neox", "tiny-gemma2",
        ])
    func statesOfTransformers(model: String) throws {
        let shell = try Shell()
        let folder = Fixture.path("models/\(model)")
        let json =
            try JSONSerialization.jsonObject(
                with: Fixture.data("models/\(model)/reference.json")) as? [String: Any]
        let prompts = try #require(json?["prompts"] as? [[Int]])
        let lines = prompts.map { ids in
            // Any other prompt of the same length will do.
            let other = ids.map { ($0 + 1) % 60 }
            return """
                {"clean_ids": \(ids), "corrupted_ids": \(other), "answer_ids": [1], \
                "wrong_answer_ids": [2]}
                """
        }
        try lines.joined(separator: "\n").write(
            toFile: shell.folder.path("p.jsonl"), atomically: true, encoding: .utf8)
        let made = try shell.run(
            """
            circuit-pairs --from p.jsonl --model \(folder) | circuit-cache - -o c.h5 \
            --names 'blocks.*.hook_resid_p*,blocks.*_out,blocks.*.attn.hook_z' --batch-size 2
            circuit-check c.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let expected = try Safetensors(path: folder + "/reference.safetensors")
        let file = try File.open(shell.folder.path("c.h5"))
        let longest = prompts.map(\.count).max() ?? 0
        for name in [
            "hook_resid_pre", "hook_resid_post", "hook_attn_out", "hook_mlp_out", "attn.hook_z",
        ] {
            for layer in 0..<3 {
                let hook = "blocks.\(layer).\(name)"
                let dataset = try file.root().dataset("clean/\(hook)")
                #expect(dataset.shape.prefix(2) == [prompts.count, longest])
                let values = try dataset.read(as: Float.self)
                let width = dataset.shape.dropFirst(2).reduce(1, *)
                for (pair, ids) in prompts.enumerated() {
                    let states = try expected.values(of: "\(pair).\(hook)").values
                    let first = pair * longest * width
                    let row = values[first..<first + longest * width]
                    #expect(states.count == ids.count * width)
                    #expect(zip(row, states).allSatisfy { abs($0 - $1) < 1e-4 }, "\(hook) \(pair)")
                    #expect(row.dropFirst(ids.count * width).allSatisfy { $0 == 0 })
                }
            }
        }
    }

    @Test(
        "A cache that holds the same already is left as it is; with other options it is made anew")
    func reuse() throws {
        let shell = try Shell()
        try Self.pairs(shell)
        let first = try shell.run("circuit-cache d.h5 -o c.h5 && stat -c %i c.h5")
        #expect(first.status == 0 && first.errors.isEmpty, "\(first.errors)")
        let again = try shell.run("circuit-cache d.h5 -o c.h5 && stat -c %i c.h5")
        #expect(again.output == first.output, "the file wasn't touched")
        #expect(again.errors.contains("holds this already"))
        #expect(try shell.run("circuit-cache --quiet d.h5 -o c.h5").errors.isEmpty)
        for options in [
            "--dtype float16", "--names 'blocks.*.hook_mlp_out'", "--positions end", "--force",
        ] {
            let other = try shell.run(
                "circuit-cache \(options) d.h5 -o c.h5; circuit-check -q c.h5")
            #expect(other.status == 0)
            #expect(!other.errors.contains("already"), "\(options)")
        }
    }

    @Test("Caches of every number type are valid, compressed or not")
    func numberTypes() throws {
        let shell = try Shell()
        try Self.pairs(shell)
        for type in ["float32", "bfloat16", "float16"] {
            for compress in ["", "--compress"] {
                let made = try shell.run(
                    "circuit-cache --dtype \(type) \(compress) - < d.h5 | circuit-check -q -")
                #expect(made.status == 0, "\(type) \(compress): \(made.errors)")
            }
        }
    }

    @Test("A cache names its dataset, its positions, its model and its steps")
    func provenance() throws {
        let shell = try Shell()
        try Self.pairs(shell)
        #expect(try shell.run("circuit-cache d.h5 -o c.h5 --positions end,0:2").status == 0)
        let cache = try ActivationCache(shell.folder.path("c.h5"))
        #expect(cache.provenance.records.count == 2)
        #expect(cache.description.positionFilter == ["end", "0:2"])
        let dataset = try DatasetArtifact.read(from: shell.folder.path("d.h5"))
        #expect(cache.dataset.digest == dataset.digest)
        #expect(cache.provenance.records.last?.step?.modelDigest == dataset.content.model.digest)
        #expect(cache.provenance.records.last?.step?.dtype == "float32")
        // The demo's activations are small, and said as such: 2 runs of 4 bytes a value.
        let shown = try shell.run("circuit-show c.h5")
        #expect(shown.output.contains(" kB uncompressed") && !shown.output.contains("0 MB"))
        // Weights that were rounded are of another type than what is computed with them.
        let rounded = try shell.run(
            "circuit-patch --weights bfloat16 --edges 'm*->logits' d.h5 -o e.h5")
        #expect(rounded.status == 0, "\(rounded.errors)")
        let effects = try PatchEffectsArtifact.read(from: shell.folder.path("e.h5"))
        #expect(
            effects.provenance.records.last?.step?.dtype == "float32, weights bfloat16")
    }

    @Test("Another model than that of the pairs is refused, and no file is written")
    func otherModel() throws {
        let shell = try Shell()
        try Self.pairs(shell)
        let other = try shell.run(
            "circuit-cache --model \(Fixture.path("models/tiny-llama")) d.h5 -o c.h5")
        #expect(other.status == 65)
        #expect(other.errors.contains("digest"))
        #expect(other.errorLines.count == 1)
        #expect(!FileManager.default.fileExists(atPath: shell.folder.path("c.h5")))
    }

    @Test("--model says where a model is that was moved")
    func movedModel() throws {
        let shell = try Shell()
        let made = try shell.run(
            """
            cp -r \(Fixture.path("models/tiny-gpt2")) here
            circuit-pairs --from \(Fixture.path("reference/tiny-gpt2/pairs.jsonl")) \
            --model here -o d.h5 && mv here there
            """)
        #expect(made.status == 0, "\(made.errors)")
        let lost = try shell.run("circuit-cache d.h5 -o c.h5")
        #expect(lost.status == 66)
        #expect(lost.errors.contains("--model"))
        let found = try shell.run("circuit-cache --model there d.h5 -o c.h5")
        #expect(found.status == 0, "\(found.errors)")
    }

    @Test(
        "A value of an option that makes no sense is a usage error that names it",
        arguments: [
            ("--names 'blocks.*.nothing'", 64, "no hook named"),
            ("--positions S1", 64, "no position named"),
            ("--batch-size 0", 64, "--batch-size"),
            ("--dtype float8", 64, "float8"),
        ])
    func badOptions(options: String, status: Int32, message: String) throws {
        let shell = try Shell()
        try Self.pairs(shell)
        let outcome = try shell.run("circuit-cache \(options) d.h5 -o c.h5")
        #expect(outcome.status == status)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1)
    }
}
