package import Artifacts

/// How a threshold decides.
extension ACDC {
    /// The same search at another threshold.
    package func at(threshold: Double) -> ACDC {
        var search = self
        search.options.threshold = threshold
        return search
    }

    /// By how much the metric changes when every edge is cut: the scale of thresholds.
    package var effectOfAllEdges: Double {
        func mean(_ outputs: SenderOutputs) -> Double {
            metric.mean(logits: outputs.logits(with: transformer))
        }
        return abs(mean(ablated) - mean(clean))
    }

    /// How many of a run's first decisions this threshold makes too, beyond doubt of rounding.
    func agreement(with decisions: [Decision]) -> Int {
        decisions.firstIndex { decision in
            isDoubtful(decision) || removes(decision) != decision.removed
        } ?? decisions.count
    }

    /// Whether decisions can't be of this search: rounding aside, its threshold decides otherwise.
    /// Of decisions from samples of the pairs nobody can say.
    package func contradicts(_ decisions: [Decision]) -> Bool {
        options.sampling == nil
            && decisions.contains { !isDoubtful($0) && removes($0) != $0.removed }
    }

    /// The thresholds at which decisions stay as they are: above the first bound, up to the second.
    func sameCircuit(_ decisions: [Decision]) -> (above: Double, upTo: Double) {
        var above = -Double.infinity
        var upTo = Double.infinity
        for decision in decisions {
            let effect = size(decision)
            if decision.removed { above = max(above, effect) } else { upTo = min(upTo, effect) }
        }
        return (above, upTo)
    }

    /// How much cutting the edge of a decision raised the metric, as the options count it.
    func size(_ decision: Decision) -> Double {
        let change = decision.after - decision.before
        return options.absolute ? abs(change) : change
    }

    /// Whether the threshold cuts the edge of a decision.
    func removes(_ decision: Decision) -> Bool { size(decision) < options.threshold }

    /// Whether the effect is so near to the threshold that rounding, which depends on how many
    /// variants are evaluated side by side, could decide.
    func isDoubtful(_ decision: Decision) -> Bool {
        let rounding = 2e-5 * max(1, abs(decision.before), abs(decision.after))
        return abs(size(decision) - options.threshold) < rounding
    }
}
