import Artifacts
import Basics
import Graphs
import Presentation
import TestSupport
import Testing

/// What is left out of drawings with too many arrows: never a path to a box that is drawn.
@Suite("Shortened drawings of circuits")
struct ShortenedDrawingTests {
    /// A circuit of random edges without loose ends.
    private func circuit(seed: UInt64, isScored: Bool) throws -> CircuitArtifact {
        var random = SplitMix64(seed: seed)
        let graph = GraphTable.sample(layers: 5, heads: 4)
        let some = (0..<graph.edgeCount).map { _ in random.next() % 6 == 0 }
        let kept = try GraphTopology(graph).pruned(some)
        var scores: [String: Float] = [:]
        for edge in kept.indices where kept[edge] {
            scores[graph.edgeName(edge)] =
                isScored ? Float(Int(random.next() % 2001) - 1000) / 100 : .nan
        }
        return CircuitArtifact.sample(graph, edges: scores)
    }

    @Test(
        "Every box that is drawn keeps a path from the input and to the logits",
        arguments: [1, 2] as [UInt64], [12, 60])
    func paths(seed: UInt64, limit: Int) throws {
        for isScored in [true, false] {
            for detail in [CircuitDrawing.Detail.full, .heads, .layers] {
                let all = DrawnGraph(dot: drawing(seed, isScored, detail, limit: 100_000).dot())
                let drawing = drawing(seed, isScored, detail, limit: limit)
                let drawn = DrawnGraph(dot: drawing.dot())
                #expect(drawn.arrows.count <= limit)
                #expect(drawn.reached(from: "input") == drawn.boxes)
                #expect(drawn.reached(from: "logits", backwards: true) == drawn.boxes)
                #expect(Set(drawn.arrows).isSubset(of: all.arrows))
                let lost = all.arrows.count - drawn.arrows.count
                let remark = drawing.remarks.first { $0.hasPrefix("left out:") }
                #expect((remark != nil) == (lost > 0))
                if let remark {
                    #expect(remark.contains("\(lost) of \(all.arrows.count) arrows"))
                    #expect(
                        remark.contains("weakest") == isScored, "without scores nothing is weak")
                    #expect(remark.contains("fewest paths") == !isScored)
                }
            }
        }
    }

    private func drawing(
        _ seed: UInt64, _ isScored: Bool, _ detail: CircuitDrawing.Detail, limit: Int
    ) -> CircuitDrawing {
        var options = CircuitDrawing.Options()
        (options.detail, options.maximumArrows) = (detail, limit)
        guard let circuit = try? circuit(seed: seed, isScored: isScored) else {
            preconditionFailure("the circuit is one of a graph")
        }
        return CircuitDrawing(circuit, options)
    }

    @Test("The strongest arrow stays, with the strongest path that it lies on")
    func strongestPath() {
        // Two ways to m1: over m0, whose weaker arrow has 3, and over a0.h0, whose has 2.
        let circuit = CircuitArtifact.sample(edges: [
            "input->m0": 3, "m0->m1": 5, "input->a0.h0<v>": 9, "a0.h0->m1": 2, "m1->logits": 10,
            "input->logits": 1,
        ])
        var options = CircuitDrawing.Options()
        options.maximumArrows = 3
        let drawn = DrawnGraph(dot: CircuitDrawing(circuit, options).dot())
        #expect(
            Set(drawn.arrows.map { "\($0.from)->\($0.to)" }) == [
                "input->m0", "m0->m1", "m1->logits",
            ])
    }

    @Test("Without scores and roles arrows into the logits come before those on more paths")
    func logitsFirst() {
        // Three paths lead over m0 and m1, one over a0.h1.
        let circuit = CircuitArtifact.sample(edges: [
            "input->a0.h0<q>": .nan, "input->a0.h0<k>": .nan, "input->a0.h0<v>": .nan,
            "a0.h0->m0": .nan, "m0->m1": .nan, "m1->logits": .nan, "input->a0.h1<v>": .nan,
            "a0.h1->logits": .nan,
        ])
        var options = CircuitDrawing.Options()
        (options.detail, options.maximumArrows) = (.full, 6)
        let drawing = CircuitDrawing(circuit, options)
        let arrows = DrawnGraph(dot: drawing.dot()).arrows.map { "\($0.from)->\($0.to)" }
        #expect(
            arrows.sorted() == [
                "a0.h0->m0", "a0.h1->logits", "input->a0.h0", "input->a0.h1", "m0->m1",
                "m1->logits",
            ])
        #expect(drawing.remarks.contains { $0.contains("but last those into the logits") })
    }

    @Test("Nodes that are on no path in the circuit itself are drawn, and named")
    func looseEnds() {
        let circuit = CircuitArtifact.sample(edges: [
            "input->m0": 1, "m0->logits": 1, "a0.h1->m1": 1,
        ])
        let drawing = CircuitDrawing(circuit)
        #expect(DrawnGraph(dot: drawing.dot()).boxes.contains("a0.h1"))
        #expect(
            drawing.remarks.contains { $0.contains("on no whole path") && $0.contains("a0.h1 m1") })
    }

    @Test("Path counts agree with a walk over all paths")
    func pathCounts() throws {
        let circuit = try circuit(seed: 9, isScored: false)
        let topology = try GraphTopology(circuit.graph)
        let counts = topology.pathCounts(of: circuit.inCircuit)
        var walked = [Double](repeating: 0, count: counts.count)
        let byName = Dictionary(
            grouping: circuit.inCircuit.indices.filter { circuit.inCircuit[$0] }
        ) { circuit.graph.nodes[Int(circuit.graph.senderOfEdge[$0])] }
        func walk(_ node: String, _ path: [Int]) {
            if node == "logits" { for edge in path { walked[edge] += 1 } }
            for edge in byName[node] ?? [] {
                let receiver = circuit.graph.receivers[Int(circuit.graph.receiverOfEdge[edge])]
                walk(String(receiver.prefix { $0 != "<" }), path + [edge])
            }
        }
        walk("input", [])
        #expect(walked == counts)
        #expect(counts.contains { $0 > 1 })
    }
}
