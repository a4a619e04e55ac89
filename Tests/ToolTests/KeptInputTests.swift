import TestSupport
import Testing

/// No tool writes over a file that it reads.
@Suite("Inputs are kept")
struct KeptInputTests {
    @Test(
        "A command whose output is one of its inputs is refused, and the input kept",
        arguments: [
            "circuit-diff --write union p.h5 k.h5 -o p.h5",
            "circuit-diff --write union p.h5 k.h5 -o k.h5",
            "circuit-diff --write union p.h5 - -o k.h5 < k.h5",
            "circuit-score --method mask-gradient --circuit k.h5 c.h5 -o k.h5",
            "circuit-eval --pairs c.h5 --truth p.h5 k.h5 -o p.h5",
            "circuit-show --svg k.h5 k.h5", "circuit-show --dot ./k.h5 k.h5",
            "circuit-show --svg k.h5 - < k.h5", "circuit-show --dot x --svg x p.h5",
            "circuit-show --dot - --svg - p.h5",
            "circuit-prune --known list.json --model $MODEL -o list.json",
            "circuit-pairs --from pairs.jsonl --model $MODEL -o pairs.jsonl",
            "circuit-patch c.h5 -o c.h5", "circuit-cache d.h5 -o d.h5",
            // The model is named by the pairs alone.
            "circuit-cache g.h5 -o m.gguf", "circuit-score g.h5 -o m.gguf",
            "circuit-prune --threshold 1 g.h5 -o m.gguf", "circuit-patch g.h5 -o m.gguf",
            // A file of a folder that is read.
            "circuit-pairs --from pairs.jsonl --model folder -o folder/config.json",
            "circuit-trace --ids 2,5 --model folder --transcoders set -o set/config.yaml",
            "circuit-trace --ids 2,5 --model folder --transcoders set -o set/layer_0.safetensors",
        ])
    func kept(command: String) throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let made = try shell.run(
            """
            circuit-score -q c.h5 | tee s.h5 | circuit-prune -q --edges 50 - -o p.h5
            circuit-prune -q --edges 60 s.h5 -o k.h5
            echo '{"edges": ["input->m0"]}' > list.json
            echo '{"clean_ids": [1, 2], "corrupted_ids": [1, 3]}' > pairs.jsonl
            cp $GGUF m.gguf
            cp -r $DEMO folder
            cp -r $SET set
            circuit-pairs -q --from pairs.jsonl --model m.gguf -o g.h5
            sha256sum *.h5 list.json pairs.jsonl m.gguf folder/* set/* > sums
            """,
            environment: [
                "GGUF": Fixture.path("models/tiny-gpt2.gguf"),
                "DEMO": Fixture.path("models/demo"), "SET": Fixture.path("transcoders/demo"),
            ])
        try #require(made.status == 0, "\(made.errors)")
        let outcome = try shell.run(command, environment: ["MODEL": Fixture.path("models/demo")])
        #expect(outcome.status == 64, "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.output.isEmpty && !shell.has("x"))
        #expect(try shell.run("sha256sum -c --quiet sums").status == 0)
    }
}
