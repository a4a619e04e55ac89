import Artifacts
import Basics
import Graphs
import TestSupport
import Testing

/// The circuits of papers have the sizes that ACDC's reference implementation counts.
@Suite("Known circuits")
struct KnownCircuitTests {
    /// Edges of the circuit and of the graph, each also with those from the inputs of heads to the
    /// heads (`DIRECT_COMPUTATION`).
    @Test(
        "Edge counts equal those of ACDC's reference implementation",
        arguments: [
            (KnownCircuit.ioi, 963, 1041, 32_491, 32_923),
            (.greaterThan, 235, 262, 32_491, 32_923), (.docstring, 24, 37, 1281, 1377),
        ])
    func counts(known: KnownCircuit, edges: Int, direct: Int, all: Int, allDirect: Int) {
        let inCircuit = known.inCircuit
        #expect(inCircuit.count { $0 } == edges)
        #expect(edges + known.directEdgeCount == direct)
        #expect(known.graph.edgeCount == all)
        let whole = [Bool](repeating: true, count: all)
        #expect(all + known.graph.directEdgeCount(of: whole) == allDirect)
    }

    @Test("The stored circuit equals the one made from its rules", arguments: KnownCircuit.allCases)
    func fixtures(known: KnownCircuit) throws {
        let path = Fixture.path("known-circuits/\(known.rawValue).h5")
        let stored = try CircuitArtifact.read(from: path)
        // Not by value: metrics that were never measured are NaN.
        let made = try CircuitArtifact(known)
        #expect(stored.content.inCircuit == made.inCircuit)
        #expect(try stored.digest == made.digest())
        #expect(try ArtifactFile(path).check() == [])
    }

    @Test("Circuits have the edges that their papers name, and none between other roles")
    func edgesOfPapers() {
        func names(_ known: KnownCircuit) -> Set<String> {
            Set(
                known.inCircuit.indices.filter { known.inCircuit[$0] }.map(
                    known.graph.name(ofEdge:)))
        }
        let ioi = names(.ioi)
        for edge in ["a9.h9->logits", "a8.h6->a9.h9<q>", "a5.h5->a8.h6<v>", "a2.h2->a5.h5<k>"] {
            #expect(ioi.contains(edge))
        }
        // Heads of the circuit aren't joined but as their roles say.
        #expect(!ioi.contains("a2.h2->logits") && !ioi.contains("a5.h5->a9.h9<k>"))
        let docstring = names(.docstring)
        #expect(docstring.contains("a1.h4->a3.h6<q>") && docstring.contains("a3.h0->logits"))
        #expect(names(.greaterThan).contains("a9.h1->m9"))
    }

    /// All nodes of a known circuit are on a path from the input to the logits, but for heads whose
    /// role has no reader in it.
    @Test(
        "Pruning removes no edge of a known circuit",
        arguments: [KnownCircuit.greaterThan, .docstring])
    func connectedEdges(known: KnownCircuit) throws {
        let topology = try GraphTopology(known.graph.table)
        #expect(topology.pruned(known.inCircuit) == known.inCircuit)
    }

    @Test("An unknown name is a usage error that lists the known circuits")
    func unknownName() {
        let error = #expect(throws: Failure.self) { try KnownCircuit(named: "ioo") }
        #expect(error?.kind == .usage && error?.description.contains("greater-than") == true)
    }

    @Test("An attention-only graph is read back from its table")
    func attentionOnlyGraph() throws {
        let graph = KnownCircuit.docstring.graph
        #expect(try ComputationalGraph(graph.table) == graph)
        #expect(graph.senders.count == 33 && graph.receivers.count == 97)
    }

    @Test("Nodes have the roles of their papers")
    func roles() throws {
        let circuit = try CircuitArtifact(.ioi)
        let roles = Dictionary(uniqueKeysWithValues: zip(circuit.graph.nodes, circuit.roles ?? []))
        #expect(roles["a9.h9"] == "name mover" && roles["a10.h7"] == "negative name mover")
        #expect(roles["a8.h6"] == "S-inhibition" && roles["a5.h5"] == "induction")
        #expect(roles["a0.h1"] == "duplicate token" && roles["a2.h2"] == "previous token")
        #expect(roles["a11.h9"] == "backup name mover" && roles["m3"] == "" && roles["a9.h1"] == "")
        // 26 heads, as the paper counts.
        #expect(roles.values.count { !$0.isEmpty } == 26)
        for known in KnownCircuit.allCases {
            let named = try CircuitArtifact(known)
            // What has a role is in the circuit.
            #expect(zip(known.roles, named.nodeInCircuit).allSatisfy { $0.isEmpty || $1 })
        }
    }
}
