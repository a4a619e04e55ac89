package import Artifacts
import Graphs

/// ACDC's rule: an edge is cut where that raises the minimised metric by less than the threshold.
package struct CutRule: Hashable, Sendable {
    /// The threshold, tau.
    package var threshold: Double
    /// Whether the change counts by its size, not its direction.
    package var absolute: Bool

    /// A rule.
    package init(threshold: Double, absolute: Bool) {
        self.threshold = threshold
        self.absolute = absolute
    }

    /// How much a change of the metric counts.
    private func size(_ change: Double) -> Double { absolute ? abs(change) : change }

    /// Whether an edge is cut whose cut changes the metric by this.
    package func cuts(_ change: Double) -> Bool { size(change) < threshold }

    /// Whether every change from `low` to `high` cuts the edge (true) or keeps it (false); nil where
    /// some do and some don't.
    func cuts(allFrom low: Double, to high: Double) -> Bool? {
        let largest = absolute ? max(abs(low), abs(high)) : high
        let smallest = absolute ? max(low, -high) : low
        if largest < threshold { return true }
        return smallest >= threshold ? false : nil
    }

    /// Whether an effect is so near to the threshold that rounding, which depends on how many
    /// variants are evaluated side by side, could decide.
    func isDoubtful(_ decision: Decision) -> Bool {
        let rounding = 2e-5 * max(1, abs(decision.before), abs(decision.after))
        return abs(size(decision.change) - threshold) < rounding
    }

    /// How many of a run's first decisions the rule makes too, beyond doubt of rounding.
    func agreement(with decisions: [Decision]) -> Int {
        decisions.firstIndex { isDoubtful($0) || cuts($0.change) != $0.removed } ?? decisions.count
    }

    /// The thresholds at which decisions stay as they are: above the first bound, up to the second.
    func thresholdsOfSameCircuit(_ decisions: [Decision]) -> (above: Double, upTo: Double) {
        var above = -Double.infinity
        var upTo = Double.infinity
        for decision in decisions {
            let effect = size(decision.change)
            if decision.removed { above = max(above, effect) } else { upTo = min(upTo, effect) }
        }
        return (above, upTo)
    }
}

extension Decision {
    /// How much cutting the edge changed the metric, as minimised.
    var change: Double { after - before }
}

extension ACDC {
    /// Whether decisions can't be of a run at this threshold: they are of edges that aren't in the
    /// graph, or, rounding aside, it decides otherwise. Of decisions from samples of the pairs only
    /// the edges are looked at.
    package func contradicts(_ decisions: [Decision], at threshold: Double) -> Bool {
        let rule = rule(at: threshold)
        let edges = Int32(0)..<Int32(edgeCount)
        return decisions.contains { decision in
            !edges.contains(decision.edge)
                || options.sampling == nil && !rule.isDoubtful(decision)
                    && rule.cuts(decision.change) != decision.removed
        }
    }
}
