import Artifacts
import Foundation
import TestSupport
import Testing

@Suite("circuit-show")
struct ShowTests {
    @Test(
        "Every kind is shown as text and as JSON",
        arguments: [
            "dataset", "circuit", "edge-scores", "patch-effects", "evaluation", "circuit-diff",
        ])
    func everyKind(kind: String) throws {
        let shell = try Shell()
        try shell.writeEveryKind()
        let text = try shell.run("circuit-show \(kind).h5")
        #expect(text.status == 0, "\(text.errors)")
        let version = try #require(ArtifactKind(rawValue: kind)).currentVersion
        #expect(text.output.contains("\(kind) \(version)"))
        #expect(text.output.contains("provenance"))
        let json = try shell.run("circuit-show --json - < \(kind).h5")
        #expect(json.status == 0, "\(json.errors)")
        #expect(try json.json()["artifact"] as? String == kind)
    }

    @Test("JSON has every edge of the graph, in the circuit or not")
    func edges() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let circuit = try shell.run("circuit-show --json loose.h5").json()
        let edges = try #require(circuit["edges"] as? [[String: Any]])
        #expect(edges.count == 46, "every edge of the graph, in the circuit or not")
        let first = try #require(edges.first { $0["edge"] as? String == "a1.h1->logits" })
        #expect(first["in_circuit"] as? Bool == true)
        #expect(first["score"] as? Double == -0.25)
        let untested = try #require(edges.first { $0["edge"] as? String == "input->logits" })
        #expect(untested["in_circuit"] as? Bool == false)
        #expect(untested["score"] is NSNull)
        #expect(circuit["decisions"] == nil)
    }

    @Test(
        "A run has the same nodes by itself as in the artifact, where heads share keys and values")
    func nodesOfARunWithSharedHeads() throws {
        let shell = try Shell()
        let model = Fixture.path("models/tiny-llama-gqa")
        let made = try shell.run(
            """
            circuit-pairs induction --model \(model) -n 4 --seed 0 -o pairs.h5
            circuit-prune -q --thresholds 0.15,0.14 pairs.h5 -o c.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        func content(_ options: String) throws -> (nodes: Set<String>, edges: Set<String>) {
            let circuit = try shell.run("circuit-show --json \(options) c.h5").json()
            func names(_ list: String, _ key: String) throws -> Set<String> {
                let all = try #require(circuit[list] as? [[String: Any]])
                return Set(
                    all.filter { $0["in_circuit"] as? Bool == true }
                        .compactMap { $0[key] as? String })
            }
            return (try names("nodes", "node"), try names("edges", "edge"))
        }
        let (whole, run) = (try content(""), try content("--run 0"))
        #expect(whole.edges == run.edges && whole.nodes == run.nodes)
        // A node sends over an edge of the circuit, or is the logits.
        let senders = Set(
            whole.edges.compactMap { $0.split(separator: "-").first.map(String.init) })
        #expect(whole.nodes == senders.union(["logits"]))
    }

    @Test("--decisions shows the decision log as JSON and text, or that there is none")
    func decisions() throws {
        let shell = try Shell()
        try shell.writeEveryKind()
        let circuit = try shell.run("circuit-show --json --decisions circuit.h5").json()
        let decisions = try #require(circuit["decisions"] as? [[String: Any]])
        let keys: Set = ["edge", "before", "after", "loss_increase", "removed"]
        #expect(!decisions.isEmpty)
        #expect(decisions.allSatisfy { Set($0.keys).isSubset(of: keys) && $0["edge"] is String })
        let text = try shell.run("circuit-show --decisions circuit.h5")
        #expect(text.output.contains("removed") || text.output.contains("kept"))
        let none = try shell.run(
            "circuit-prune -q --known docstring -o k.h5; circuit-show --decisions k.h5")
        #expect(none.output.contains("none: known tests no edges"))
    }

    @Test("Tables are cut at --top rows, and say so")
    func tables() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let cut = try shell.run("circuit-show --top 1 loose.h5").output
        #expect(cut.contains("input->m0") && !cut.contains("a1.h1->logits"))
        #expect(cut.contains("2 more; --top 0 shows all"))
        #expect(try shell.run("circuit-show --top 0 loose.h5").output.contains("a1.h1->logits"))
    }

    @Test("--edge with a name that no edge has says so")
    func unknownEdge() throws {
        let shell = try Shell()
        try shell.writeEveryKind()
        for options in ["circuit.h5", "--decisions circuit.h5", "edge-scores.h5"] {
            let outcome = try shell.run("circuit-show --edge nosuch \(options)")
            #expect(outcome.status == 0 && outcome.output.contains("no edge is named *nosuch*"))
        }
    }

    @Test("A circuit is drawn as DOT and SVG")
    func drawings() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let dot = try shell.run("circuit-show --dot - loose.h5")
        #expect(dot.output.hasPrefix("digraph circuit {"))
        let svg = try shell.run("circuit-show --svg c.svg loose.h5 && cat c.svg")
        #expect(svg.status == 0, "\(svg.errors)")
        #expect(svg.output.contains("<svg") && svg.output.contains("3 of 46 edges"))
    }

    @Test("Effects are a heat map, coloured only on a terminal that wants colours")
    func heatMap() throws {
        let shell = try Shell()
        try shell.writeEveryKind()
        let plain = try shell.run("circuit-show patch-effects.h5")
        #expect(!plain.output.contains("\u{1B}["), "no colours where there is no terminal")
        let coloured = try shell.run("script -qec 'circuit-show patch-effects.h5' /dev/null")
        #expect(coloured.output.contains("\u{1B}[48;5;"))
        let none = try shell.run(
            "script -qec 'circuit-show patch-effects.h5' /dev/null", environment: ["NO_COLOR": "1"])
        #expect(!none.output.contains("\u{1B}[48;5;"))
        #expect(try shell.run("circuit-show --svg - patch-effects.h5").output.contains("<svg"))
        // It is whole, unless fewer rows are asked for.
        #expect(!plain.output.contains("--top 0 shows all"))
        let cut = try shell.run("circuit-show --top 1 patch-effects.h5").output
        #expect(cut.contains("without a larger effect; --top 0 shows all"))
        #expect(try shell.run("circuit-show --top 0 patch-effects.h5").output == plain.output)
    }

    @Test("Drawing a kind that has no picture is a usage error")
    func noPicture() throws {
        let shell = try Shell()
        try shell.writeEveryKind()
        let outcome = try shell.run("circuit-show --svg d.svg dataset.h5")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("no picture of dataset"))
    }

    @Test("Without Graphviz, SVG is missing input that names it")
    func noGraphviz() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let outcome = try shell.run(
            "tool=$(command -v circuit-show); PATH=/nowhere \"$tool\" --svg c.svg loose.h5")
        #expect(outcome.status == 66)
        #expect(outcome.errors.contains("Graphviz"))
    }

    @Test("A drawing on a full device is an I/O error")
    func fullDevice() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        #expect(try shell.run("circuit-show --dot /dev/full loose.h5").status == 74)
    }
}
