extension CircuitArtifact {
    /// The number of runs that `keptShare` is of: those at the circuit's own threshold, which differ in
    /// the order.
    package var sharingRunCount: Int { runs.count { $0.threshold == threshold } }

    /// All decisions of the run `index`: those that it shares with its parent, then its own.
    package func decisions(ofRun index: Int) -> [LoggedDecision] {
        // The run, its parent, that one's parent, and so on: a loop, because the chain may be long.
        var chain = [index]
        var first = index
        // A parent comes before its child; a chain that breaks this rule could be a circle.
        while let parent = runs[first].parent, (0..<first).contains(parent) {
            first = parent
            chain.append(first)
        }
        var all: [LoggedDecision] = []
        for run in chain.reversed().map({ runs[$0] }) {
            all.removeLast(max(0, all.count - run.sharedDecisions))
            all += run.decisions
        }
        return all
    }
}
