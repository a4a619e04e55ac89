package import Artifacts
package import Basics

/// A circuit that a paper found by hand, as the reference implementation of ACDC writes it down to
/// hold methods against.
///
/// The papers name heads and what they do; which edges that makes are rules. The counts agree with
/// those of ACDC, whose own also include an edge from each input of a head to the head itself
/// (`DIRECT_COMPUTATION`): see ``directEdgeCount``.
package enum KnownCircuit: String, Hashable, Sendable, CaseIterable, NamedChoice {
    package static var noun: String { "known circuit" }

    /// Indirect object identification in GPT-2 small (Wang et al. 2022).
    case ioi
    /// Greater-than in GPT-2 small (Hanna et al. 2023).
    case greaterThan = "greater-than"
    /// Docstrings in a model of 4 attention-only layers (Heimersheim and Janiak 2023).
    case docstring

    /// The graph it is a part of.
    package var graph: ComputationalGraph {
        switch self {
        case .ioi, .greaterThan:
            ComputationalGraph(nLayers: 12, nHeads: 12, nKeyValueHeads: 12, dModel: 768)
        case .docstring:
            ComputationalGraph(
                nLayers: 4, nHeads: 8, nKeyValueHeads: 8, dModel: 512, hasMLP: false)
        }
    }

    /// Which edges of `graph` are in it. Shape `[edge]`.
    package var inCircuit: [Bool] { edges.present }

    /// The role of each node of `graph` as the paper names it; empty for nodes without one. The groups of
    /// greater-than are those of ACDC's code (`01`, `0305`, `MEARLY`, `AMID`, `MLATE`), in words.
    /// Shape `[node]`.
    package var roles: [String] {
        let roles = edges.roles
        return (graph.senders + [.logits]).map { roles[$0] ?? "" }
    }

    private var edges: EdgeSet {
        var edges = EdgeSet(graph)
        switch self {
        case .ioi: edges.addIndirectObjectIdentification()
        case .greaterThan: edges.addGreaterThan()
        case .docstring: edges.addDocstring()
        }
        return edges
    }

    /// The number of edges that ACDC's counts have besides: one for each input of a head in the
    /// circuit.
    package var directEdgeCount: Int { graph.directEdgeCount(of: inCircuit) }
}

extension ComputationalGraph {
    /// The number of `DIRECT_COMPUTATION` edges in ACDC's count of a circuit: those from an input of a
    /// head, q, k or v, to the head itself, wherever the input has an edge.
    package func directEdgeCount(of inCircuit: [Bool]) -> Int {
        receivers.indices.count { receiver in
            let isOfHead = if case .head = receivers[receiver] { true } else { false }
            return isOfHead && edges(into: receiver).contains { inCircuit[$0] }
        }
    }
}

extension CircuitArtifact {
    /// A known circuit as it is stored: of no model, and never run.
    package init(_ known: KnownCircuit) throws(Failure) {
        let graph = known.graph
        let inCircuit = known.inCircuit
        try self.init(
            model: nil, graph: graph.table, inCircuit: inCircuit,
            nodeInCircuit: GraphTopology(graph.table).nodes(of: inCircuit), roles: known.roles,
            method: "known",
            metric: "")
    }
}

/// Edges of a graph, put together by rules, and the roles of nodes.
struct EdgeSet {
    let graph: ComputationalGraph
    /// Which edges are in the set. Shape `[edge]`.
    private(set) var present: [Bool]
    /// The role of each node that has one.
    private(set) var roles: [Node: String] = [:]
    private let numberOfSender: [Node: Int]
    private let numberOfReceiver: [Receiver: Int]

    init(_ graph: ComputationalGraph) {
        self.graph = graph
        present = [Bool](repeating: false, count: graph.edgeCount)
        numberOfSender = Dictionary(
            uniqueKeysWithValues: zip(graph.senders, graph.senders.indices))
        numberOfReceiver = Dictionary(
            uniqueKeysWithValues: zip(graph.receivers, graph.receivers.indices))
    }

    /// Gives the heads of a group their role.
    mutating func name(_ group: HeadGroup) { name(group.senders, group.role) }

    /// Gives nodes a role.
    mutating func name(_ nodes: [Node], _ role: String) {
        for node in nodes { roles[node] = role }
    }

    /// Adds the edges from each of `senders` to each of `receivers` that comes after it.
    mutating func join(_ senders: [Node], to receivers: [Receiver]) {
        for sender in senders.compactMap({ numberOfSender[$0] }) {
            for receiver in receivers.compactMap({ numberOfReceiver[$0] }) {
                if let edge = graph.edge(from: sender, to: receiver) { present[edge] = true }
            }
        }
    }
}

/// Heads of one role.
struct HeadGroup {
    /// Layer and head of each.
    let heads: [(layer: Int, head: Int)]

    /// What the paper calls one of them.
    let role: String

    init(_ role: String, _ heads: (Int, Int)...) {
        self.role = role
        self.heads = heads.map { (layer: $0.0, head: $0.1) }
    }

    /// The heads as senders.
    var senders: [Node] { heads.map { .head(layer: $0.layer, head: $0.head) } }

    /// Some of the heads' inputs.
    func receivers(_ inputs: [AttentionInput] = AttentionInput.allCases) -> [Receiver] {
        heads.flatMap { head in
            inputs.map { .head(layer: head.layer, head: head.head, $0) }
        }
    }
}
