import Foundation
import TestSupport
import Testing

@Suite("circuit-trace")
struct TraceTests {
    private static let model = "--model \(Fixture.path("models/tiny-gpt2"))"
    private static let set = "--transcoders \(Fixture.path("attribution/sets/gpt2-clt"))"
    private static let prompt = "--ids 2,17,33,45,9,17"
    private static let demo = Fixture.path("models/demo")
    private static let demoSet = Fixture.path("transcoders/demo")

    @Test("A graph goes through a pipe, checks, and is shown as JSON and as text")
    func pipeline() throws {
        let shell = try Shell()
        let made = try shell.run(
            "circuit-trace \(Self.model) \(Self.set) \(Self.prompt) -o - | tee g.h5 | circuit-show -"
        )
        #expect(made.status == 0 && made.errors.isEmpty, "\(made.errors)")
        for words in ["replacement score", "paths, strongest first", "logits.t", "gpt2-clt"] {
            #expect(made.output.contains(words))
        }
        #expect(try shell.run("circuit-check -q g.h5").status == 0)
        let json = try shell.run("circuit-show --json g.h5").json()
        #expect(json["artifact"] as? String == "attribution-graph")
        #expect(json["tokens"] as? [Int] == [2, 17, 33, 45, 9, 17])
        let nodes = try #require(json["nodes"] as? [[String: Any]])
        let edges = try #require(json["edges"] as? [[String: Any]])
        let names = nodes.compactMap { $0["node"] as? String }
        for name in ["m0.error@0", "m2.error@5", "input@5"] { #expect(names.contains(name)) }
        #expect(
            Set(nodes.flatMap(\.keys)) == ["node", "activation", "influence", "cumulative", "kept"])
        #expect(Set(edges.flatMap(\.keys)) == ["source", "target", "weight", "kept"])
        #expect(!edges.contains { $0["weight"] as? Double == 0 })
        let scores = try #require(json["scores"] as? [String: Double])
        #expect((0...1).contains(scores["replacement"] ?? -1))
        #expect((0...1).contains(scores["completeness"] ?? -1))
        let logits = try #require(json["logits"] as? [[String: Any]])
        #expect(logits.allSatisfy { $0["id"] is Int && $0["probability"] is Double })
    }

    @Test("Fewer features are said to be fewer, on stderr and in the file")
    func capped() throws {
        let shell = try Shell()
        let made = try shell.run(
            """
            circuit-trace \(Self.model) \(Self.set) \(Self.prompt) --max-features 7 -o g.h5 &&
            circuit-show g.h5
            """)
        #expect(made.errors.contains("7 of"))
        #expect(made.output.contains("with the others counted as errors"))
    }

    @Test("Several prompts, and both of a pair, lie in one file")
    func several() throws {
        let shell = try Shell()
        let json = try shell.run(
            """
            circuit-trace \(Self.model) \(Self.set) --ids 2,17,33 --ids 2,9 --targets 5,t7-9 -o g.h5 &&
            circuit-show --json g.h5
            """
        ).json()
        let graphs = try #require(json["graphs"] as? [[String: Any]])
        #expect(graphs.map { $0["tokens"] as? [Int] } == [[2, 17, 33], [2, 9]])
        let logits = try #require(graphs.last?["logits"] as? [[String: Any]])
        #expect(logits.map { $0["node"] as? String } == ["logits.t5", "logits.t7-t9"])
        let pair = try shell.run(
            """
            echo '{"clean_ids": [2,17,33], "corrupted_ids": [2,9,33], "answer_ids": [5]}' |
            circuit-pairs --from - \(Self.model) -o d.h5 &&
            circuit-trace \(Self.set) --pair 0 --both d.h5 -o - | circuit-show --json -
            """)
        let sides = try #require(try pair.json()["graphs"] as? [[String: Any]], "\(pair.errors)")
        #expect(sides.map { $0["prompt"] as? String } == ["pair 0, clean", "pair 0, corrupted"])
        #expect(sides.map { $0["tokens"] as? [Int] } == [[2, 17, 33], [2, 9, 33]])
    }

    @Test("A graph is drawn, and written for circuit-tracer's page, with ids of its own for errors")
    func drawn() throws {
        let shell = try Shell()
        let made = try shell.run(
            """
            circuit-trace \(Self.model) \(Self.set) \(Self.prompt) -o g.h5 &&
            circuit-show --svg g.svg --dot g.dot --max-edges 90 --viewer - g.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let page = try made.json()
        #expect(Set(page.keys) == ["metadata", "qParams", "nodes", "links"])
        let nodes = try #require(page["nodes"] as? [[String: Any]])
        let links = try #require(page["links"] as? [[String: Any]])
        let ids = nodes.compactMap { $0["node_id"] as? String }
        #expect(Set(ids).count == nodes.count)
        #expect(ids.contains { $0.contains("_-1_") })
        #expect(
            Set(nodes.compactMap { $0["feature_type"] as? String }) == [
                "cross layer transcoder", "mlp reconstruction error", "embedding", "logit",
            ])
        let kept = try shell.run("circuit-show --json g.h5").json()
        let edges = try #require(kept["edges"] as? [[String: Any]])
        #expect(links.count == edges.count { $0["kept"] as? Bool == true })
        for key in ["source", "target"] {
            #expect(links.allSatisfy { ids.contains($0[key] as? String ?? "") })
        }
        #expect(try shell.run("grep -c '<path' g.svg; grep -c ' -> ' g.dot").output == "90\n90\n")
        #expect(try shell.run("circuit-show --svg g.svg --run 1 g.h5").status == 64)
        #expect(try shell.run("circuit-show --run 1 g.h5").status == 64)
    }

    @Test("A difference of two tokens' logits is shown by their texts")
    func targetTexts() throws {
        let shell = try Shell()
        let made = try shell.run(
            """
            circuit-trace --model \(Self.demo) --transcoders \(Self.demoSet) --bos --targets 909-997,909 \\
              --max-features 20 --verify 1 'Mary and John gave a drink to' -o g.h5 &&
            circuit-show --svg g.svg --dot g.dot --viewer g.json g.h5 && circuit-show g.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let text = "\" Mary\" - \" John\""
        #expect(made.output.contains("the change of logits.t909-t997, \(text)"))
        #expect(made.output.contains("logits.t909-t997 \(text)  "))
        #expect(made.output.contains("->logits.t909-t997 \(text)"))
        #expect(made.output.contains("logits.t909 \" Mary\""))
        func file(_ name: String) throws -> String {
            try String(contentsOfFile: shell.folder.path(name), encoding: .utf8)
        }
        #expect(try file("g.svg").contains("&quot; Mary&quot; - &quot; John&quot;</text>"))
        #expect(try file("g.dot").contains(#"[label="\" Mary\" - \" John\"""#))
        #expect(try file("g.json").contains(#"Output \" Mary\" - \" John\" (p=1.000)"#))
        let back = try shell.run(
            "circuit-convert g.json --like g.h5 -o back.h5 && circuit-show --json back.h5"
        ).json()
        let logits = try #require(back["logits"] as? [[String: Any]])
        #expect(logits.first?["id"] == nil || logits.first?["id"] is NSNull)
        #expect(logits.compactMap { $0["text"] as? String } == [text, " Mary"])
    }

    @Test("A vector as a target is what the difference of two unembeddings is")
    func targetVectors() throws {
        let shell = try Shell()
        // tiny-gpt2 unembeds by its embeddings: rows 7 and 9 of [60, 32].
        let made = try shell.run(
            """
            circuit-trace \(Self.model) \(Self.set) --ids 2,17,33 --targets 7-9 \\
              --target-vectors \(Fixture.path("attribution/target-vectors.safetensors")) \\
              --target-vectors \(Fixture.path("attribution/nine.npy")) -o g.h5 &&
            circuit-show --json g.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let json = try made.json()
        let logits = try #require(json["logits"] as? [[String: Any]])
        #expect(
            logits.map { $0["node"] as? String }
                == ["logits.t7-t9", "logits.seven-nine", "logits.nine"])
        let edges = try #require(json["edges"] as? [[String: Any]])
        func weights(_ target: String) -> [String: Double] {
            Dictionary(
                uniqueKeysWithValues: edges.filter { $0["target"] as? String == target }.compactMap
                {
                    guard let source = $0["source"] as? String, let weight = $0["weight"] as? Double
                    else { return nil }
                    return (source, weight)
                })
        }
        let difference = weights("logits.t7-t9")
        for vector in [weights("logits.seven-nine"), weights("logits.nine")] {
            #expect(difference.count > 10 && Set(difference.keys) == Set(vector.keys))
            for (source, weight) in difference {
                #expect(abs((vector[source] ?? 9) - weight) < 1e-4)
            }
        }
    }

    @Test("Heads that carry kept edges are printed, and add up to the edge")
    func headLoadings() throws {
        let shell = try Shell()
        let json = try shell.run(
            """
            circuit-trace \(Self.model) \(Self.set) \(Self.prompt) --head-loadings -o g.h5 &&
            circuit-check -q g.h5 && circuit-show --json g.h5
            """
        ).json()
        let edges = try #require(json["edges"] as? [[String: Any]])
        for edge in edges {
            guard edge["kept"] as? Bool == true else {
                #expect(edge["heads"] == nil)
                continue
            }
            let heads = try #require(edge["heads"] as? [[String: Any]])
            let sum = heads.reduce(0) { $0 + ($1["weight"] as? Double ?? .nan) }
            #expect(abs(sum - (edge["weight"] as? Double ?? .nan)) < 1e-5)
        }
        let text = try shell.run("circuit-show --edge 'input@1->' g.h5").output
        #expect(text.contains("heads that carry kept edges between positions"))
        #expect(text.contains("a0.h2"))
    }

    @Test(
        "Pairs are named one by one, by a range, or all at once; a warning stands for all of them")
    func namedPairs() throws {
        let shell = try Shell()
        _ = try shell.run("circuit-pairs -q ioi --model \(Self.demo) -n 4 -o d.h5")
        for (names, expected) in [
            ("--pair 1:3", [1, 2]), ("--pair 3,0 --pair 2", [3, 0, 2]),
            ("--pair all", [0, 1, 2, 3]),
        ] {
            let outcome = try shell.run(
                """
                circuit-trace --transcoders \(Self.demoSet) --max-features 2 \(names) d.h5 -o g.h5 &&
                circuit-show --json g.h5
                """)
            let graphs = try #require(
                try outcome.json()["graphs"] as? [[String: Any]], "\(outcome.errors)")
            #expect(graphs.map { $0["prompt"] as? String } == expected.map { "pair \($0), clean" })
            #expect(outcome.errorLines.count { $0.contains("no BOS") } == 1, "\(outcome.errors)")
        }
        for (names, words) in [
            ("3:1", "3:1"), ("x", "'x'"), ("4", "no pair 4"), ("2:9", "no pair 4"),
            (",", "no pair"),
        ] {
            let outcome = try shell.run(
                "circuit-trace --transcoders \(Self.demoSet) --pair \(names) d.h5 -o h.h5")
            #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
        }
    }

    @Test("What a graph predicts is what ablating its features does")
    func verified() throws {
        let outcome = try Shell().run(
            "circuit-trace \(Self.model) \(Self.set) \(Self.prompt) --verify 3 -o g.h5")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 5, "\(outcome.output)")
        #expect(lines.dropFirst(2).allSatisfy { $0.contains(".f") })
        let piped = try Shell().run(
            "circuit-trace \(Self.model) \(Self.set) \(Self.prompt) --verify 3 | cat")
        #expect(piped.status == 64 && piped.errors.contains("--verify"))
    }

    @Test(
        "What makes no sense is refused in one line",
        arguments: [
            ("--ids 2,17 --node-threshold 1.5", 64, "--node-threshold"),
            ("--ids 2,17 --edge-threshold=-0.1", 64, "--edge-threshold"),
            ("--ids 2,17 --logit-mass 0", 64, "--logit-mass"),
            ("--ids 2,17 --max-features 0", 64, "--max-features"),
            ("--ids 2,17 --batch-size 3", 64, "--batch-size"),
            ("--ids 2,17 --max-features 3 --batch-size 9223372036854775807", 64, "--batch-size"),
            (
                "--ids 2,17 --max-features 3 --update-interval 9223372036854775807", 64,
                "--update-interval"
            ),
            ("--ids 2,17 --targets 99", 64, "99"),
            ("--ids 2,17 --targets 5,x", 64, "'x'"),
            ("--ids 2,60", 65, "token 60"),
            ("--ids 2,x", 64, "'x'"),
            ("", 64, "prompt"),
            ("--ids 2,17 --pair 0 none.h5", 64, "--pair"),
            (Fixture.path("dataset/1.1.0/sample.h5"), 64, "--pair 0"),
            ("--pair 3:1 none.h5", 64, "3:1"),
        ])
    func refused(options: String, status: Int32, words: String) throws {
        let outcome = try Shell().run(
            "circuit-trace \(Self.model) \(Self.set) \(options) -o g.h5")
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test("Transcoders of another model are refused by what differs")
    func anotherModel() throws {
        let outcome = try Shell().run(
            """
            circuit-trace --model \(Fixture.path("models/demo")) \(Self.set) --ids 2,17 -o g.h5
            """)
        #expect(outcome.status == 65)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("gpt2-clt"))
    }

    @Test("A weight that isn't a number is found where it is")
    func notANumber() throws {
        let shell = try Shell()
        let file = Fixture.path("attribution/sets/qwen2-relu")
        _ = try shell.run("cp -r \(file) set")
        let path = shell.folder.path("set/layer_1.safetensors")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // The largest tensors are the encoder and decoder: a run of the last bytes is in one of them.
        let length = Int(bytes[0]) | Int(bytes[1]) << 8
        let header = try #require(
            try JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any])
        let encoder = try #require(header["W_enc"] as? [String: Any])
        let start = try #require((encoder["data_offsets"] as? [Int])?.first)
        bytes.replaceSubrange(
            8 + length + start + 400..<8 + length + start + 404, with: [0, 0, 0xC0, 0x7F])
        try bytes.write(to: URL(fileURLWithPath: path))
        let outcome = try shell.run(
            """
            circuit-trace --model \(Fixture.path("models/tiny-qwen2")) --transcoders set \
            --ids 2,17,33 -o g.h5
            """)
        #expect(outcome.status == 65)
        #expect(
            outcome.errors.contains("W_enc is infinite or not a number at [3, 4]"),
            "\(outcome.errors)")
    }
}
