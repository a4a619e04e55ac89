import CircuitRuns
import Graphs
import Testing

/// What has to be computed again when a receiver's input changes, on graphs of two layers with two
/// heads each.
@Suite("Evaluation plans")
struct EvaluationPlanTests {
    private let graph = ComputationalGraph(nLayers: 2, nHeads: 2, nKeyValueHeads: 2, dModel: 4)

    private func receiver(_ name: String, in graph: ComputationalGraph) throws -> Int {
        try #require(graph.receivers.firstIndex { $0.name == name })
    }

    /// The plan for a changed input of a receiver, in a circuit of all edges but some, of which all
    /// receivers were visited.
    private func plan(
        _ tested: String, in graph: ComputationalGraph, without cut: Set<String> = []
    ) throws -> EvaluationPlan {
        let present = (0..<graph.edgeCount).map { !cut.contains(graph.name(ofEdge: $0)) }
        let kept = graph.receivers.indices.map { receiver in
            (0..<graph.senderCount(of: receiver)).filter {
                present[graph.edgeStart[receiver] + $0]
            }
        }
        return EvaluationPlan(
            of: [try receiver(tested, in: graph)], in: graph, needs: graph.needs(present: present),
            keptSenders: kept)
    }

    private func names(_ input: EvaluationPlan.Input?, in graph: ComputationalGraph) -> [String]? {
        input.map { $0.senders.map { graph.senders[$0].name } }
    }

    @Test("A change at the logits computes no node again")
    func logits() throws {
        let plan = try plan("logits", in: graph)
        #expect(plan.layers.isEmpty && names(plan.logits, in: graph) == [])
        #expect(plan.nodeCount == 1)
    }

    @Test("A change at the last MLP computes that MLP, at the end, and the logits")
    func lastMLP() throws {
        let plan = try plan("m1", in: graph)
        #expect(plan.layers.map(\.layer) == [1] && plan.layers[0].heads.isEmpty)
        #expect(plan.layers[0].mlp?.extent == .end && names(plan.layers[0].mlp, in: graph) == [])
        #expect(names(plan.logits, in: graph) == ["m1"])
        #expect(plan.nodeCount == 2 && plan.widestExtent == .end)
    }

    @Test("A change at a query computes its own head and all that reads it")
    func query() throws {
        let plan = try plan("a0.h0<q>", in: graph)
        let first = plan.layers[0]
        #expect(first.heads.map(\.head) == [0])
        #expect(first.heads[0].query != nil && first.heads[0].key == nil)
        #expect(names(first.mlp, in: graph) == ["a0.h0"])
        // Queries, keys and values of both heads of the next layer read what changed.
        #expect(plan.layers[1].projections.count == 6)
        for input in plan.layers[1].projections {
            #expect(names(input, in: graph) == ["a0.h0", "m0"])
        }
        #expect(names(plan.logits, in: graph) == ["a0.h0", "m0", "a1.h0", "a1.h1", "m1"])
        #expect(plan.nodeCount == 6)
    }

    @Test("A query of the last layer is computed at the end, keys and values at all rows")
    func extents() throws {
        let last = try plan("a0.h0<q>", in: graph).layers[1]
        for head in last.heads {
            #expect(head.extent == .end)
            let query = try #require(head.query)
            let key = try #require(head.key)
            #expect(last.projections[query].extent == .end)
            #expect(last.projections[key].extent == .all)
        }
    }

    @Test("Nodes that nothing in the circuit reads aren't computed")
    func unread() throws {
        let plan = try plan("a0.h0<q>", in: graph, without: ["a1.h0->m1", "a1.h0->logits"])
        #expect(plan.layers[1].heads.map(\.head) == [1])
        #expect(plan.extentOfSender[graph.sender(layer: 1, head: 0)] == nil)
        #expect(names(plan.logits, in: graph) == ["a0.h0", "m0", "a1.h1", "m1"])
    }

    @Test("A change that no edge carries on ends there")
    func cutOff() throws {
        let out = graph.receivers.map { "a0.h0->" + $0.name }
        let plan = try plan("a0.h0<q>", in: graph, without: Set(out))
        #expect(plan.layers.isEmpty && plan.logits == nil && plan.nodeCount == 0)
    }

    @Test("Heads that share keys and values share their projections")
    func sharedKeys() throws {
        let graph = ComputationalGraph(nLayers: 2, nHeads: 4, nKeyValueHeads: 2, dModel: 4)
        let plan = try plan("m0", in: graph)
        // Four queries, two keys, two values.
        #expect(plan.layers[1].projections.count == 8)
        let keys = plan.layers[1].heads.map(\.key)
        #expect(keys[0] == keys[1] && keys[2] == keys[3] && keys[0] != keys[2])
    }

    @Test("The plan of everything has every receiver that matters, with its senders in the circuit")
    func everything() throws {
        let present = [Bool](repeating: true, count: graph.edgeCount)
        let kept = graph.receivers.indices.map { Array(0..<graph.senderCount(of: $0)) }
        let plan = EvaluationPlan(
            ofEverythingIn: graph, needs: graph.needs(present: present), keptSenders: kept)
        #expect(Set(plan.inputs.map(\.receiver)) == Set(graph.receivers.indices))
        #expect(plan.inputs.allSatisfy { $0.senders == kept[$0.receiver] })
        #expect(plan.nodeCount == graph.senders.count)
    }
}
