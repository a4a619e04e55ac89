import Engine
import Graphs

/// The change of the residual stream, which receivers read where none of them but the tested one lacks
/// an edge.
extension PlanRunner {
    /// The values of a row of the stream behind the last layer.
    private var fullWidth: Int { state.width(of: graph.logitsReceiver) }

    /// Room for the change of the stream so far, `[pair, variant, active row, part, d_model]`: zero.
    mutating func takeStreamChange() -> Floats {
        let change = workspace.take(count(.all) * fullWidth)
        change.update(repeating: 0, count: count(.all) * fullWidth)
        return change
    }

    /// Adds the change of the stream to a receiver's input.
    func add(_ streamChange: Floats, to x: Floats, _ input: EvaluationPlan.Input) {
        let (width, fullWidth) = (state.width(of: input.receiver), fullWidth)
        if input.extent == .end {
            forEachEnd { row, end in
                (x + end * width).add(streamChange + row * fullWidth, count: width)
            }
        } else if width == fullWidth {
            x.add(streamChange, count: count(.all) * width)
        } else {
            for row in 0..<count(.all) {
                (x + row * width).add(streamChange + row * fullWidth, count: width)
            }
        }
    }

    /// Adds senders' changes to that of the stream, if there is one.
    mutating func add(changesOf senders: [Int], toStream change: Floats?) {
        guard let change else { return }
        for sender in senders { add(changeOf: sender, toStream: change) }
    }

    /// Adds a sender's change to that of the stream.
    private mutating func add(changeOf sender: Int, toStream change: Floats) {
        guard plan.extentOfSender[sender] == .end else {
            add(changeOf: sender, to: change, width: fullWidth, .all)
            return
        }
        let mark = workspace.mark
        let width = fullWidth
        let ends = workspace.take(count(.end) * width)
        forEachEnd { row, end in
            (ends + end * width).update(from: change + row * width, count: width)
        }
        add(changeOf: sender, to: ends, width: width, .end)
        forEachEnd { row, end in
            (change + row * width).update(from: ends + end * width, count: width)
        }
        workspace.reset(to: mark)
    }

    /// Calls `body` with the last row of each variant among all stacked active rows, and its number
    /// among the stacked ends.
    private func forEachEnd(_ body: (_ row: Int, _ end: Int) -> Void) {
        for pair in pairs {
            let length = rows.all.length(pair)
            for variant in 0..<variants {
                body(
                    start(.all, pair) + (variant + 1) * length - 1, start(.end, pair) + variant)
            }
        }
    }
}
