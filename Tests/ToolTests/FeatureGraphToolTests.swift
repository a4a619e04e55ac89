import Foundation
import TestSupport
import Testing

/// Attribution graphs of pairs, compared, grouped and merged, by the tools.
@Suite("Tools on attribution graphs")
struct FeatureGraphToolTests {
    private static let model = "--model \(Fixture.path("models/tiny-gpt2"))"
    private static let set = "--transcoders \(Fixture.path("attribution/sets/gpt2-clt"))"

    /// Three pairs and the graphs of both prompts of the first.
    private func pairs() throws -> Shell {
        let shell = try Shell()
        let made = try shell.run(
            """
            printf '%s\\n' \
              '{"clean_ids": [2,17,33,45], "corrupted_ids": [2,9,33,45], "answer_ids": [5], "wrong_answer_ids": [7]}' \
              '{"clean_ids": [2,21,33,45], "corrupted_ids": [2,8,33,45], "answer_ids": [5], "wrong_answer_ids": [7]}' \
              '{"clean_ids": [2,30,33,45], "corrupted_ids": [2,4,33,45], "answer_ids": [5], "wrong_answer_ids": [7]}' |
            circuit-pairs --from - \(Self.model) -o d.h5 &&
            circuit-trace \(Self.set) --pair 0 --both d.h5 -o pair.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        return shell
    }

    @Test("The graph of a pair is the difference of its prompts' graphs")
    func pair() throws {
        let shell = try pairs()
        let outcome = try shell.run(
            "circuit-trace -q \(Self.set) --pair 0 --both d.h5 | circuit-diff --json -")
        #expect(outcome.status == 1, "\(outcome.errors)")
        let json = try outcome.json()
        let edges = try #require(json["edges"] as? [[String: Any]])
        for edge in edges {
            let first = edge["first_weight"] as? Double ?? 0
            let second = edge["second_weight"] as? Double ?? 0
            let difference = try #require(edge["difference"] as? Double)
            #expect(abs(difference - (first - second)) < 1e-5)
        }
        #expect(
            (json["alignment_statement"] as? [String])?.contains { $0.contains("position 1") }
                == true)
        #expect(try shell.run("circuit-diff 'pair.h5#1' 'pair.h5#1'").status == 0)
        let text = try shell.run("circuit-diff --top 3 'pair.h5#0' 'pair.h5#1'")
        #expect(text.status == 1 && text.output.contains("edges, most different first"))
        let matrix = try shell.run("circuit-diff --matrix --json pair.h5")
        let names = try #require(try matrix.json()["circuits"] as? [[String: Any]])
        #expect(names.map { $0["name"] as? String } == ["pair.h5#0", "pair.h5#1"])
    }

    @Test("What both prompts keep can be written")
    func written() throws {
        let shell = try pairs()
        let both = try shell.run(
            """
            circuit-diff --write intersection -o both.h5 'pair.h5#0' 'pair.h5#1' &&
            circuit-check -q both.h5 && circuit-show --json both.h5
            """)
        #expect(both.status == 0, "\(both.errors)")
        let edges = try #require(try both.json()["edges"] as? [[String: Any]])
        let json = try shell.run("circuit-diff --json pair.h5").json()
        let shared = try #require(json["edges"] as? [[String: Any]]).count {
            $0["in_first"] as? Bool == true && $0["in_second"] as? Bool == true
        }
        #expect(edges.count { $0["kept"] as? Bool == true } == shared)
        let union = try shell.run("circuit-diff --write union -o u.h5 'pair.h5#0' 'pair.h5#1'")
        #expect(union.status == 65 && union.errors.contains("different prompts"))
        let stored = try shell.run(
            "circuit-diff --write comparison -o u.h5 'pair.h5#0' 'pair.h5#1'")
        #expect(stored.status == 64)
    }

    @Test(
        "A prompt is named by an option or by the file's name, and prompt 0 isn't drawn in silence")
    func prompts() throws {
        let shell = try pairs()
        let named = try shell.run("circuit-show --json 'pair.h5#1'").json()
        #expect(named["prompt"] as? String == "pair 0, corrupted")
        let chosen = try shell.run("circuit-show --json --prompt 1 pair.h5").json()
        #expect(chosen["tokens"] as? [Int] == [2, 9, 33, 45])
        let drawn = try shell.run(
            "circuit-show --svg p.svg pair.h5 && grep -c 'raises its target' p.svg")
        #expect(drawn.output == "1\n" && drawn.errors.contains("prompt 0 is drawn"))
        let other = try shell.run(
            "circuit-show --svg p.svg --prompt 1 pair.h5 && grep -c corrupted p.svg")
        #expect(other.output == "1\n" && other.errors.isEmpty, "\(other.errors)")
        #expect(try shell.run("circuit-show 'pair.h5#2'").errors.contains("0 to 1"))
        #expect(try shell.run("circuit-show --prompt 0 'pair.h5#1'").status == 64)
        #expect(try shell.run("circuit-show --prompt 0 d.h5").status == 64)
    }

    @Test("Supernodes are printed, drawn and given to the viewer; unknown names are errors")
    func supernodes() throws {
        let shell = try pairs()
        let made = try shell.run(
            """
            circuit-trace \(Self.model) \(Self.set) --ids 2,17,33,45 -o g.h5 &&
            printf 'first layer:\\n  - m0.f*@*\\nsecond layer: ["m1.f*@3"]\\n' > s.yaml &&
            circuit-show --json --supernodes s.yaml g.h5
            """)
        let json = try made.json()
        let groups = try #require(json["supernodes"] as? [[String: Any]])
        #expect(groups.prefix(2).map { $0["name"] as? String } == ["first layer", "second layer"])
        let edges = try #require(json["edges"] as? [[String: Any]])
        let sum = edges.reduce(0.0) { sum, edge in
            guard edge["kept"] as? Bool == true, let source = edge["source"] as? String,
                let target = edge["target"] as? String, source.hasPrefix("m0.f"),
                target.hasPrefix("m1.f"), target.hasSuffix("@3")
            else { return sum }
            return sum + (edge["weight"] as? Double ?? 0)
        }
        let between = try #require(json["supernode_edges"] as? [[String: Any]]).first {
            $0["source"] as? String == "first layer" && $0["target"] as? String == "second layer"
        }
        #expect(abs((between?["weight"] as? Double ?? .nan) - sum) < 1e-4)
        let subgraph = try #require(json["subgraph"] as? [String: Any])
        #expect(subgraph["scores"] is [String: Double])
        let page = try shell.run("circuit-show --viewer - --supernodes s.yaml g.h5").json()
        let choices = try #require(page["qParams"] as? [String: Any])
        let given = try #require(choices["supernodes"] as? [[String]])
        #expect(given.map(\.first) == ["first layer", "second layer"])
        let ids = try #require(page["nodes"] as? [[String: Any]]).compactMap {
            $0["node_id"] as? String
        }
        #expect(given.allSatisfy { Set($0.dropFirst()).isSubset(of: ids) && $0.count > 1 })
        let drawn = try shell.run(
            "circuit-show --dot - --supernodes s.yaml g.h5 | grep -c '\"first layer\" -> '")
        #expect(Int(drawn.output.dropLast()) ?? 0 > 0)
        let text = try shell.run("circuit-show --supernodes s.yaml g.h5")
        #expect(text.output.contains("first layer -> second layer"))
        let unknown = try shell.run(
            "echo '{\"x\": [\"m7.f1@1\"]}' > bad.json; circuit-show --supernodes bad.json g.h5")
        #expect(unknown.status == 65 && unknown.errors.contains("m7.f1@1"), "\(unknown.errors)")
        let twice = try shell.run(
            "echo '{\"x\": [\"m0.*\"], \"y\": [\"m0.f*\"]}' > bad.json; circuit-show --supernodes bad.json g.h5"
        )
        #expect(twice.status == 65 && twice.errors.contains("two groups"), "\(twice.errors)")
        #expect(try shell.run("circuit-show --supernodes s.yaml pair.h5").status == 64)
    }

    @Test(
        "The page looks features up by the scan of config.yaml, or by the set's name",
        arguments: [("scan: gemma-2-2b", "gemma-2-2b"), ("scan: [a, b]", "named"), ("", "named")])
    func scan(line: String, name: String) throws {
        let page = try Shell().run(
            """
            cp -r \(Fixture.path("attribution/sets/gpt2-clt")) named && chmod -R u+w named &&
            echo '\(line)' >> named/config.yaml &&
            circuit-trace \(Self.model) --transcoders named --ids 2,17,33 | circuit-show --viewer - -
            """
        ).json()
        let metadata = try #require(page["metadata"] as? [String: Any])
        #expect(metadata["scan"] as? String == name)
    }

    @Test("A chosen part's scores; all features have the graph's own")
    func subgraph() throws {
        let shell = try pairs()
        let json = try shell.run("circuit-show --json --subgraph 'm*.f*' 'pair.h5#0'").json()
        let scores = try #require(json["scores"] as? [String: Double])
        let part = try #require(json["subgraph"] as? [String: Any])
        let own = try #require(part["scores"] as? [String: Double])
        #expect(abs((own["replacement"] ?? 0) - (scores["replacement"] ?? 1)) < 1e-6)
        #expect(try shell.run("circuit-show --subgraph 'm9.f1@1' 'pair.h5#0'").status == 64)
        let text = try shell.run("circuit-show --subgraph 'm0.f*' 'pair.h5#0'").output
        #expect(text.contains("all others counted as errors"))
    }

    @Test("A merge of graphs is a circuit of features, which is judged by ablation")
    func featureCircuit() throws {
        let shell = try pairs()
        let made = try shell.run(
            """
            circuit-trace -q \(Self.set) --pair 1 --pair 2 d.h5 -o more.h5 &&
            circuit-prune --consensus 0.5 pair.h5 more.h5 -o f.h5 &&
            circuit-check -q f.h5 && circuit-show f.h5 &&
            circuit-eval --pairs d.h5 --json f.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.output.contains("features of the circuit"))
        func figures(_ options: String) throws -> [String: Double] {
            let json = try shell.run("circuit-eval --pairs d.h5 --json \(options)").json()
            let list = try #require(json["figures"] as? [[String: Any]])
            return Dictionary(
                uniqueKeysWithValues: list.compactMap { figure in
                    guard let name = figure["name"] as? String,
                        let value = figure["value"] as? Double
                    else { return nil }
                    return (name, value)
                })
        }
        let half = try figures("f.h5")
        let expected =
            ((half["metric-circuit"] ?? .nan) - (half["metric-corrupted"] ?? .nan))
            / ((half["metric-full"] ?? .nan) - (half["metric-corrupted"] ?? .nan))
        #expect(abs((half["faithfulness"] ?? .nan) - expected) < 1e-9)
        let resampled = try figures("--ablation resample \(Self.set) f.h5")
        #expect(resampled["metric-full"] == half["metric-full"])
        #expect(resampled["metric-circuit"] != half["metric-circuit"])
        // All features of all graphs: what is left out is never active on these prompts.
        let whole = try shell.run(
            """
            circuit-trace -q \(Self.set) --pair 0 --pair 1 --pair 2 --node-threshold 1 --edge-threshold 1 \
              d.h5 -o all.h5 &&
            circuit-prune --consensus 0.01 all.h5 -o all-f.h5
            """)
        #expect(whole.status == 0, "\(whole.errors)")
        let all = try figures("all-f.h5")
        #expect(all["features"] ?? 0 > half["features"] ?? .infinity)
        let refused = try shell.run("circuit-eval --pairs d.h5 --ablation mean f.h5")
        #expect(refused.status == 64 && refused.errors.contains("resample"), "\(refused.errors)")
        let other = try shell.run(
            "circuit-eval --pairs d.h5 --transcoders \(Fixture.path("attribution/sets/gpt2-topk")) f.h5"
        )
        #expect(other.status == 65 && other.errors.contains("digest"), "\(other.errors)")
        #expect(try shell.run("circuit-prune --consensus 0.5 'pair.h5#0' -o x.h5").status == 64)
    }

    @Test("Circuits of features are drawn by layer, and compared by their features' names")
    func circuitsOfFeatures() throws {
        let shell = try pairs()
        let made = try shell.run(
            """
            circuit-trace -q \(Self.set) --pair 1 --pair 2 d.h5 -o more.h5 &&
            circuit-prune --consensus 0.3 pair.h5 more.h5 -o loose.h5 &&
            circuit-prune --consensus 0.9 pair.h5 more.h5 -o tight.h5 &&
            circuit-show --svg f.svg --dot f.dot loose.h5 && circuit-show --json loose.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let json = try made.json()
        let features = try #require(json["features"] as? [[String: Any]])
            .filter { $0["in_circuit"] as? Bool == true }.compactMap { $0["feature"] as? String }
        let edges = try #require(json["edges"] as? [[String: Any]])
        let svg = try String(contentsOfFile: shell.folder.path("f.svg"), encoding: .utf8)
        let dot = try String(contentsOfFile: shell.folder.path("f.dot"), encoding: .utf8)
        #expect(features.count > 2 && features.count < 200 && !edges.isEmpty)
        for name in features {
            #expect(svg.contains("<title>\(name), influence") && dot.contains("\"\(name)\" ["))
        }
        #expect(svg.components(separatedBy: "<path ").count - 1 == min(200, edges.count))
        #expect(!svg.contains(">tokens<") && !svg.contains("token or logit"))
        let few = try shell.run("circuit-show --dot - --max-edges 1 loose.h5").output
        #expect(few.components(separatedBy: " -> ").count == 2)

        let diff = try shell.run("circuit-diff --json loose.h5 tight.h5")
        #expect(diff.status == 1, "\(diff.errors)")
        let nodes = try #require(try diff.json()["nodes"] as? [[String: Any]])
        #expect(Set(nodes.compactMap { $0["name"] as? String }) == Set(features))
        // Each feature that more graphs keep is one that fewer do, with the same figures.
        for node in nodes {
            #expect(node["in_first"] as? Bool == true)
            #expect(node["first_influence"] as? Double == node["second_influence"] as? Double)
            let share = try #require(node["first_share"] as? Double)
            #expect(share >= 0.3 && (node["in_second"] as? Bool == true) == (share >= 0.9))
        }
        let report = try shell.run("circuit-diff loose.h5 tight.h5").output
        #expect(report.contains("what 0.9000 of 4 graphs keep"))
        #expect(try shell.run("circuit-diff tight.h5 tight.h5").status == 0)
        let matrix = try shell.run("circuit-diff --json loose.h5 tight.h5 tight.h5").json()
        let kept = nodes.count { $0["in_second"] as? Bool == true }
        #expect(
            matrix["shared_nodes"] as? [[Int]] == [
                [features.count, kept, kept], [kept, kept, kept], [kept, kept, kept],
            ])
        for (command, status, words) in [
            ("--write union loose.h5 tight.h5 -o x.h5", Int32(64), "circuit-prune --consensus"),
            ("--ignore-positions loose.h5 tight.h5", 64, "--ignore-positions"),
            ("loose.h5 pair.h5", 65, "feature-circuit"), ("loose.h5", 64, "give another one"),
        ] {
            let outcome = try shell.run("circuit-diff " + command)
            #expect(outcome.status == status && outcome.errors.contains(words), "\(outcome.errors)")
        }
    }
}
