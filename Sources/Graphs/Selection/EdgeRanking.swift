/// The order in which edges are taken into a circuit by their scores: the circuit of n edges is the
/// first n, before it loses its loose ends.
///
/// Of equal scores the edge of the lower number, the one computed earlier, is taken first, so that a
/// ranking is one and the same everywhere. An edge without a score (NaN) is never taken.
package struct EdgeRanking: Hashable, Sendable {
    /// Edges, the first to be taken first.
    package let order: [Int]

    /// The best edges of the whole graph first (EAP-IG's "top-n").
    /// - Parameters:
    ///   - scores: one an edge.
    ///   - absolute: whether a score counts by its size; if not, a negative score is worse than none.
    package init(best scores: [Float], absolute: Bool) {
        let rank = Self.rank(scores, absolute: absolute)
        order = scores.indices.filter { !scores[$0].isNaN }.sorted {
            (rank[$0], $1) > (rank[$1], $0)
        }
    }

    /// From `logits` backwards (EAP-IG's "greedy"): the best of the edges into nodes that were
    /// reached is taken next, and with it the node that it comes from is reached. So the first n
    /// edges are always joined to `logits`.
    package init(greedy scores: [Float], absolute: Bool, in graph: GraphTopology) {
        let rank = Self.rank(scores, absolute: absolute)
        var candidates = Heap<Int> { (rank[$0], $1) > (rank[$1], $0) }
        var isReached = [Bool](repeating: false, count: graph.nodeCount)
        var isOpen = [Bool](repeating: false, count: graph.edgesIntoReceiver.count)
        func reach(_ node: Int) {
            isReached[node] = true
            // Keys and values that heads share are opened by the first of them.
            for receiver in graph.receiversOfNode[node] where !isOpen[receiver] {
                isOpen[receiver] = true
                for edge in graph.edgesIntoReceiver[receiver] where !scores[edge].isNaN {
                    candidates.insert(edge)
                }
            }
        }
        for node in 0..<graph.nodeCount where graph.isSink[node] { reach(node) }
        var order: [Int] = []
        while let edge = candidates.popFirst() {
            order.append(edge)
            let sender = graph.senderOfEdge[edge]
            if !isReached[sender] { reach(sender) }
        }
        self.order = order
    }

    private static func rank(_ scores: [Float], absolute: Bool) -> [Float] {
        absolute ? scores.map(abs) : scores
    }

    /// The first `count` edges as a column. Shape `[edge]`.
    package func first(_ count: Int, of edgeCount: Int) -> [Bool] {
        var result = [Bool](repeating: false, count: edgeCount)
        for edge in order.prefix(max(0, count)) { result[edge] = true }
        return result
    }
}

/// A binary heap: what comes first by `precedes` is at the root.
private struct Heap<Element> {
    private var elements: [Element] = []
    private let precedes: (Element, Element) -> Bool

    init(by precedes: @escaping (Element, Element) -> Bool) { self.precedes = precedes }

    mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard precedes(elements[child], elements[parent]) else { return }
            elements.swapAt(child, parent)
            child = parent
        }
    }

    mutating func popFirst() -> Element? {
        guard let first = elements.first else { return nil }
        let last = elements.removeLast()
        if elements.isEmpty { return first }
        elements[0] = last
        var parent = 0
        while true {
            var best = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < elements.count {
                if precedes(elements[child], elements[best]) { best = child }
            }
            if best == parent { return first }
            elements.swapAt(best, parent)
            parent = best
        }
    }
}
