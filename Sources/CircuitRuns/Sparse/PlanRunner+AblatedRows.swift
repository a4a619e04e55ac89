import Engine
import Graphs
import Models

/// Rows of a receiver's input of which nothing but the ablated stream is left.
extension PlanRunner {
    /// Puts parts of the ablated stream into rows of a receiver's input, `[pair, variant, row, part,
    /// d_model]`, wherever every sender of the part in the circuit now has its ablated output.
    ///
    /// The input is the current one plus its senders' changes, which leaves a rounding error where they
    /// cancel all of it. With zero ablation and norms that have next to nothing to divide by, that would
    /// grow from layer to layer to a stream of its own.
    /// - Returns: whether there are such rows.
    mutating func ablateRows(of x: Floats, _ input: EvaluationPlan.Input) -> Bool {
        let (width, extent) = (state.width(of: input.receiver), input.extent)
        let stream = state.ablatedStream(at: state.point(of: input.receiver))
        let kept = state.keptSenders[input.receiver].map(Set.init)
        var found = false
        for (part, senders) in state.parts.senders(ofPartsOf: input.receiver, in: graph)
            .enumerated()
        {
            let senders = senders.filter { kept?.contains($0) ?? true }
            let changed = senders.filter { plan.extentOfSender[$0] != nil }
            if changed.isEmpty { continue }
            // Those that change come first: mostly they have other outputs than the ablated ones.
            var outputs: [SenderRows] = []
            for sender in changed + senders.filter({ plan.extentOfSender[$0] == nil }) {
                guard let choice = state.rows(of: sender, into: input.receiver) else { continue }
                outputs.append(SenderRows(of: sender, choice, self))
            }
            for pair in pairs {
                let length = rows.layout(extent).length(pair)
                for stacked in 0..<variants * length {
                    let index = stacked % length
                    let isAblated = outputs.allSatisfy {
                        $0.isAblated(
                            at: index, of: length, variant: stacked / length, pair: pair, self)
                    }
                    guard isAblated else { continue }
                    found = true
                    let row = start(extent, pair) + stacked
                    (x + row * width + part * dModel).update(
                        from: stream.row(index, ofPart: part, extent, of: pair, in: rows),
                        count: dModel)
                }
            }
        }
        return found
    }

    /// A sender's outputs: current, ablated, and the change of each variant.
    private struct SenderRows {
        let current: (values: UnsafePointer<Float>, stride: Int, width: Int)
        let ablated: (values: UnsafePointer<Float>, stride: Int, width: Int)
        let change: Floats?
        /// The rows at which the change is held.
        let extent: Extent
        /// The rows at which the receiver reads it.
        let choice: RowChoice

        init(of sender: Int, _ choice: RowChoice, _ runner: borrowing PlanRunner) {
            current = runner.state.currentOutput(of: sender)
            ablated = runner.state.ablatedOutput(of: sender)
            extent = runner.plan.extentOfSender[sender] ?? .end
            change = runner.plan.extentOfSender[sender] == nil ? nil : runner.changes[sender]
            self.choice = choice
        }

        /// Whether the receiver gets the ablated output at one of the last `length` rows of a pair.
        func isAblated(
            at index: Int, of length: Int, variant: Int, pair: Int, _ runner: borrowing PlanRunner
        ) -> Bool {
            let rows = runner.rows
            let position = rows.context.length(pair) - length + index
            guard choice.contains(position) else { return true }
            let contextRow = rows.context.starts[pair] + position
            let current = current.values + contextRow * current.stride
            let ablated = ablated.values + contextRow * ablated.stride
            let held = rows.layout(extent).length(pair)
            let heldRow = index - length + held
            guard let change, heldRow >= 0 else {
                return (0..<self.current.width).allSatisfy { current[$0] == ablated[$0] }
            }
            let values =
                change + (runner.start(extent, pair) + variant * held + heldRow)
                * self.current.width
            // A change is the new output minus the current one, rounded as here.
            return (0..<self.current.width).allSatisfy { values[$0] == ablated[$0] - current[$0] }
        }
    }
}
