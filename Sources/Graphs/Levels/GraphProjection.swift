package import Artifacts
package import Basics

/// A graph at a coarser level, and what each of its nodes and edges is made of.
package struct GraphProjection {
    /// The coarser graph.
    package let graph: GraphTable
    /// The coarser node of each node.
    let groupOfNode: [Int]
    /// The coarser edge of each edge.
    package let groupOfEdge: [Int]

    /// - Parameter keepingPositions: whether positions stay apart, if they are.
    /// - Throws: `Failure` (bad data) where nodes have names of no level.
    package init(
        of finer: GraphTable, to level: GraphLevel, _ keepingPositions: Bool
    ) throws(Failure) {
        let nodes = try Grouping(finer.nodes, level, keepingPositions)
        let receivers = try Grouping(finer.receivers, level, keepingPositions)
        var edges = EdgeGrouping()
        groupOfEdge = (0..<finer.edgeCount).map {
            edges.group(
                nodes.groupOf[Int(finer.senderOfEdge[$0])],
                receivers.groupOf[Int(finer.receiverOfEdge[$0])])
        }
        groupOfNode = nodes.groupOf
        var graph = finer
        graph.nodes = nodes.names
        graph.receivers = receivers.names
        graph.senderOfEdge = edges.senders
        graph.receiverOfEdge = edges.receivers
        let hasPositions = keepingPositions && finer.level == "position"
        graph.level = hasPositions ? "position" : (level == .neuron ? .edge : level).rawValue
        self.graph = graph
    }
}

/// Names put together at a coarser level, in the order in which they come first.
private struct Grouping {
    private(set) var names: [String] = []
    private(set) var groupOf: [Int] = []

    init(
        _ parts: [String], _ level: GraphLevel, _ keepingPositions: Bool
    ) throws(Failure) {
        var numberOf: [String: Int] = [:]
        for part in parts {
            guard let name = level.name(of: part, keepingPosition: keepingPositions) else {
                throw Failure(.badData, "the graph has '\(part)', which names no node")
            }
            let number = numberOf[name] ?? names.count
            if number == names.count {
                numberOf[name] = number
                names.append(name)
            }
            groupOf.append(number)
        }
    }
}

/// Edges put together by what they join.
private struct EdgeGrouping {
    private(set) var senders: [Int32] = []
    private(set) var receivers: [Int32] = []
    private var numberOf: [SIMD2<Int32>: Int] = [:]

    var count: Int { senders.count }

    mutating func group(_ sender: Int, _ receiver: Int) -> Int {
        let key = SIMD2(Int32(sender), Int32(receiver))
        if let number = numberOf[key] { return number }
        numberOf[key] = count
        senders.append(key[0])
        receivers.append(key[1])
        return count - 1
    }
}
