package import Artifacts
package import Basics

/// A model's graph at some level, perhaps with its edges at each position apart: what searches cut
/// edges of and stored circuits are of, and which of the model's edges each of its edges is made of.
package struct LeveledGraph: Sendable {
    /// The model's graph, of which this is a coarser or a finer view.
    package let own: ComputationalGraph
    /// The graph at the level, as artifacts store it.
    package let table: GraphTable
    /// The number of positions, those of the longest prompt; nil where positions aren't apart.
    package let positionCount: Int?
    /// Which edge of the table each of the model's edges is part of at each position, or at all of
    /// them, `[position][edge]`; -1 where it is part of none, since `logits` reads nothing but where a
    /// prompt ends.
    package let edges: [[Int32]]
    /// Which node of the level each sender of the model is part of, `[sender]`.
    package let groupOfSender: [Int]
    /// Which receiver of the level each receiver of the model is part of, `[receiver]`.
    package let groupOfReceiver: [Int]

    /// The model's own edges.
    package init(_ own: ComputationalGraph) {
        self.own = own
        table = own.table
        positionCount = nil
        edges = [(0..<Int32(own.edgeCount)).map { $0 }]
        groupOfSender = Array(own.senders.indices)
        groupOfReceiver = Array(own.receivers.indices)
    }

    /// The graph at a level.
    /// - Parameter lengths: those of the prompts, in tokens, if positions are to be apart.
    /// - Throws: `Failure` (bad data) where nodes have names of no level.
    package init(
        _ own: ComputationalGraph, at level: GraphLevel, forPromptsOf lengths: [Int]? = nil
    ) throws(Failure) {
        self.own = own
        let coarser = try GraphProjection(of: own.table, to: level, false)
        groupOfSender = Array(coarser.groupOfNode.prefix(own.senders.count))
        groupOfReceiver = own.receivers.indices.map { receiver in
            Int(coarser.graph.receiverOfEdge[coarser.groupOfEdge[own.edgeStart[receiver]]])
        }
        guard let lengths else {
            positionCount = nil
            table = coarser.graph
            edges = [coarser.groupOfEdge.map { Int32($0) }]
            return
        }
        let finest = own.table(forPromptsOf: lengths)
        let projection = try GraphProjection(of: finest.table, to: level, true)
        let count = lengths.max() ?? 0
        var edges = [[Int32]](
            repeating: [Int32](repeating: -1, count: own.edgeCount), count: count)
        for (index, edge) in finest.edges.enumerated() {
            edges[edge / own.edgeCount][edge % own.edgeCount] = Int32(projection.groupOfEdge[index])
        }
        positionCount = count
        table = projection.graph
        self.edges = edges
    }

    /// The graph that an artifact stores, of a model's graph.
    /// - Parameter lengths: those of the prompts, in tokens.
    /// - Throws: `Failure` (bad data) where it is no graph of the model or, by positions, of other
    ///   prompts.
    package init(
        _ stored: GraphTable, of own: ComputationalGraph, forPromptsOf lengths: [Int]
    ) throws(Failure) {
        if stored == own.table {
            self.init(own)
            return
        }
        let isByPosition = stored.isByPosition
        guard
            let level = isByPosition
                ? GraphLevel(ofReceiversIn: stored) : GraphLevel(rawValue: stored.level),
            case let leveled = try LeveledGraph(
                own, at: level, forPromptsOf: isByPosition ? lengths : nil),
            leveled.table == stored
        else {
            throw Failure(
                .badData,
                isByPosition
                    ? "its edges are by position, and its graph isn't that of prompts of these "
                        + "lengths: give pairs with prompts as long as those it was made from, and a "
                        + "metric that reads answers of as many tokens"
                    : "it is of another graph (\(stored.edgeCount) edges, level \(stored.level)) "
                        + "than the model has (\(own.edgeCount) edges)")
        }
        self = leveled
    }

    /// Which of the model's edges are in a circuit of this graph, at each position or at all of them,
    /// `[position][edge]`.
    package func ownEdges(of inCircuit: [Bool]) -> [[Bool]] {
        edges.map { $0.map { $0 >= 0 && inCircuit[Int($0)] } }
    }

    /// The circuit of this graph that is made of some of the model's edges; an edge is in it with
    /// any of those that it is made of.
    /// - Parameter isPresent: whether one of the model's edges is, at a position, or at all of them.
    package func circuit(where isPresent: (_ edge: Int, _ position: Int) -> Bool) -> [Bool] {
        var inCircuit = [Bool](repeating: false, count: table.edgeCount)
        for (position, edges) in edges.enumerated() {
            for (own, edge) in edges.enumerated() where edge >= 0 && isPresent(own, position) {
                inCircuit[Int(edge)] = true
            }
        }
        return inCircuit
    }

    /// A circuit of the same model's graph at another level as one of this graph.
    /// - Throws: `Failure` (usage) where the other graph is finer: an edge may be in part.
    package func circuit(
        _ inCircuit: [Bool], of other: LeveledGraph
    ) throws(Failure) -> [Bool] {
        let present = other.ownEdges(of: inCircuit)
        let isWhole = present.count == 1
        guard isWhole || present.count == edges.count else {
            throw Failure(.usage, "its edges are by position: give --positions")
        }
        let own = circuit { edge, position in present[isWhole ? 0 : position][edge] }
        for (position, edges) in edges.enumerated() {
            for (edge, group) in edges.enumerated()
            where group >= 0 && own[Int(group)] != present[isWhole ? 0 : position][edge] {
                throw Failure(
                    .usage,
                    "its edges are finer than those of this level: \(table.edgeName(Int(group))) is "
                        + "only in part in it")
            }
        }
        return own
    }
}
