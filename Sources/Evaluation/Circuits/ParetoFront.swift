/// Which of several circuits are on the Pareto front of size against metric: no other is at least as
/// small and at least as good, and smaller or better. Of circuits alike in both all are on it.
package struct ParetoFront: Hashable, Sendable {
    /// Shape `[circuit]`.
    package let isOnFront: [Bool]

    /// The front of circuits of these sizes.
    /// - Parameters:
    ///   - edgeCounts: the edges of each. Shape `[circuit]`.
    ///   - losses: how bad each is; NaN is never on the front. Shape `[circuit]`.
    package init(edgeCounts: [Int], losses: [Double]) {
        let order = edgeCounts.indices.filter { !losses[$0].isNaN }
            .sorted { (edgeCounts[$0], losses[$0]) < (edgeCounts[$1], losses[$1]) }
        var isOnFront = [Bool](repeating: false, count: edgeCounts.count)
        // From the smallest up: one is on the front if it is better than all before it.
        var last: (edges: Int, loss: Double)?
        for circuit in order {
            let here = (edges: edgeCounts[circuit], loss: losses[circuit])
            let isAlike = last.map { $0 == here } ?? false
            guard isAlike || here.loss < last?.loss ?? .infinity else { continue }
            isOnFront[circuit] = true
            last = here
        }
        self.isOnFront = isOnFront
    }
}
