import Artifacts
import Foundation
import TestSupport
import Testing

@Suite("circuit-vector, and circuit-steer --vector")
struct VectorTests {
    private static let model = Fixture.path("models/tiny-gpt2")

    /// A shell with pairs and vectors of them.
    private func shell() throws -> Shell {
        let shell = try Shell()
        let made = try shell.run(
            "circuit-pairs --from \(Fixture.path("steering/pairs-tiny-gpt2.jsonl")) --model "
                + "\(Self.model) -o pairs.h5 && circuit-vector --layers 1 pairs.h5 -o v.h5")
        #expect(made.status == 0, "\(made.errors)")
        return shell
    }

    @Test("Vectors are made, checked, shown and added")
    func chain() throws {
        let shell = try shell()
        let vectors = try SteeringVectorArtifact.read(from: shell.folder.path("v.h5"))
        #expect(vectors.content.method == "mean-difference" && vectors.content.layers == [1])
        #expect(vectors.provenance.records.count == 2)
        let checked = try shell.run("circuit-check v.h5 && circuit-show v.h5")
        #expect(checked.status == 0 && checked.output.contains("mean-difference"))
        let outcome = try shell.run(
            "circuit-steer --model \(Self.model) --ids 2,17,33,45,9,17 --vector v.h5 --scale -1.5 "
                + "--positions -1: --tokens 6 --top 2 --json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let json = try outcome.json()
        let tokens = try #require(json["generated"] as? [Int])
        let added = try #require((json["vectors"] as? [[String: Any]])?.first)
        #expect(tokens.count == 6)
        #expect(added["positions"] as? String == "-1:" && added["layer"] as? Int == 1)
        let norm = try #require((added["norms"] as? [Double])?.first)
        #expect(abs(norm - Double(vectors.content.norm(layer: 0, position: 0))) < 1e-5)
        #expect(try #require(added["activation_norm"] as? Double) > 0)
        // Text says it, too.
        let text = try shell.run(
            "circuit-steer --model \(Self.model) --ids 2,17,33,45,9,17 --vector v.h5")
        #expect(text.output.contains("v.h5 x 1.0 at hook_resid_post of layer 1, positions all"))
    }

    @Test("A vector that is added nowhere is warned of")
    func nowhere() throws {
        let outcome = try shell().run(
            "circuit-steer --model \(Self.model) --ids 2,17,33 --vector v.h5 --positions 9 --json")
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("has no positions 9:10"), "\(outcome.errors)")
    }

    @Test("A control vector is written, read again, and added as the artifact is")
    func controlVector() throws {
        let shell = try shell()
        let command = "circuit-steer --model \(Self.model) --ids 2,17,33 --scale 3 --top 4 --json"
        let outcome = try shell.run(
            "circuit-vector --gguf v.gguf v.h5 && circuit-vector v.gguf -o again.h5 && "
                + "\(command) --vector v.h5 | jq -c .steered && "
                + "\(command) --vector v.gguf | jq -c .steered && "
                + "\(command) --vector again.h5 | jq -c .steered")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 3 && Set(lines).count == 1, "\(outcome.output)")
    }

    @Test(
        "What makes no sense is refused in one line",
        arguments: [
            ("circuit-vector --layers 9 pairs.h5 -o x.h5", 64, "layers 0 to 2"),
            ("circuit-vector --layers a pairs.h5 -o x.h5", 64, "'a'"),
            ("circuit-vector --site pattern pairs.h5 -o x.h5", 64, "no site 'pattern'"),
            ("circuit-vector --site attn.hook_z pairs.h5 -o x.h5", 64, "d_model wide"),
            ("circuit-vector --positions IO pairs.h5 -o x.h5", 64, "no position named 'IO'"),
            ("circuit-vector --method pca pairs.h5 -o x.h5", 64, "mean-difference"),
            ("circuit-vector v.h5 -o x.h5", 64, "--gguf"),
            ("circuit-vector --gguf v.h5 v.h5", 64, "v.h5"),
            ("circuit-vector \(Self.model).gguf -o x.h5", 65, "controlvector"),
            ("circuit-steer --model \(Self.model) --ids 2,3", 64, "--vector"),
            ("circuit-steer --model \(Self.model) --ids 2,3 --scale 2", 64, "--vector"),
            (
                "circuit-steer --model \(Self.model) --ids 2,3 --vector v.h5 --positions x", 64,
                "'x'"
            ),
            (
                "circuit-steer --model \(Self.model) --ids 2,3 --vector v.h5 --mode open", 64,
                "--mode needs --transcoders"
            ),
            (
                "circuit-steer --model \(Fixture.path("models/demo")) --ids 2,3 --vector v.h5", 65,
                "32 values"
            ),
        ])
    func refused(command: String, status: Int32, words: String) throws {
        let outcome = try shell().run(command)
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }
}
