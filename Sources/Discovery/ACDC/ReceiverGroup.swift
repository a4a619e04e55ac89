import CircuitRuns
import Graphs

/// A receiver of the graph that is searched: one of the model's, or all those that a coarser one stands
/// for. They read the same stream, from the same senders, and lose the same edges.
struct ReceiverGroup {
    /// The model's receivers.
    let receivers: [Int]
    /// The senders whose edges are one edge of the searched graph, in the order of the tests.
    let senders: [Range<Int>]

    /// The edges that are tested, in order: those that are there, by position those of the last position
    /// first.
    /// - Parameter livePositions: the positions at which anything reads what the receivers make; nil
    ///   where positions aren't apart.
    func cuts(in edges: InputEdges, livePositions: [Bool]?) -> [EdgeCut] {
        let positions: [Int?] =
            livePositions.map { live in live.indices.reversed().filter { live[$0] } } ?? [nil]
        return positions.flatMap { position in
            senders.map { EdgeCut($0, at: position) }.filter(edges.contains)
        }
    }

    /// The number of an edge of the searched graph.
    func edge(_ cut: EdgeCut, in leveled: LeveledGraph) -> Int32 {
        leveled.edges[cut.position ?? 0][
            leveled.own.edgeStart[receivers[0]] + cut.senders.lowerBound]
    }

    /// How many edges of the searched graph end here.
    func edgeCount(in leveled: LeveledGraph) -> Int {
        let first = leveled.own.edgeStart[receivers[0]]
        return senders.count * leveled.edges.count { $0[first] >= 0 }
    }
}

extension TraversalOrder {
    /// The receivers of a graph of any level in the order they are visited, each with its senders: a
    /// coarser one comes where the first of those that it stands for does.
    func groups(of leveled: LeveledGraph) -> [ReceiverGroup] {
        let own = leveled.own
        var members: [Int: [Int]] = [:]
        var order: [Int] = []
        for receiver in receivers(of: own) {
            let group = leveled.groupOfReceiver[receiver]
            if members[group] == nil { order.append(group) }
            members[group, default: []].append(receiver)
        }
        return order.compactMap { members[$0] }.map { receivers in
            var seen: Set<Int> = []
            let senders = senders(of: receivers[0], in: own)
            let firsts = senders.filter { seen.insert(leveled.groupOfSender[$0]).inserted }
            let count = own.senderCount(of: receivers[0])
            return ReceiverGroup(
                receivers: receivers,
                senders: firsts.map { sender in
                    let group = leveled.groupOfSender[sender]
                    // What is one sender of a level has numbers that follow each other.
                    let first = (0..<count).first { leveled.groupOfSender[$0] == group } ?? sender
                    let end = (first..<count).first { leveled.groupOfSender[$0] != group } ?? count
                    return first..<end
                })
        }
    }
}
