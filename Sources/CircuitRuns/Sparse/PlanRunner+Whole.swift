import Engine
import Graphs

/// Evaluating variants of a receiver's input where no other receiver lacks an edge: all that are in
/// one point read the same stream, so its change is summed up once instead of by each of them, and a
/// sender's change is forgotten as soon as it is part of it.
extension PlanRunner {
    /// Evaluates variants of the tested receiver's input in a state that keeps everything.
    /// - Parameter final: receives the normalised final stream, `[pair, variant, d_model]`.
    mutating func evaluateWhole(_ tested: TestedInput, final: Floats) {
        variants = tested.variants
        defer { variants = 1 }
        let mark = workspace.mark
        // The change of the stream so far, `[pair, variant, active row, part, d_model]`.
        let change = workspace.take(count(.all) * fullWidth)
        change.update(repeating: 0, count: count(.all) * fullWidth)
        for layer in plan.layers {
            let layerMark = workspace.mark
            let heads = layer.heads.map { graph.sender(layer: layer.layer, head: $0.head) }
            takeChanges(of: heads)
            var projected: [Floats] = []
            for input in layer.projections {
                let result = takeProjection(input)
                let inputMark = workspace.mark
                let x = takeInput(input)
                fill(x, for: input, tested, streamChange: change)
                project(x, input, into: result)
                workspace.reset(to: inputMark)
                projected.append(result)
            }
            for head in layer.heads { self.change(head, of: layer.layer, projected) }
            if !graph.parallelAttentionMLP {
                for head in heads { add(changeOf: head, toStream: change) }
            }
            if let mlp = layer.mlp {
                let sender = graph.sender(mlp: layer.layer)
                takeChanges(of: [sender])
                let x = takeInput(mlp)
                fill(x, for: mlp, tested, streamChange: change)
                self.change(mlp, of: layer.layer, x)
                add(changeOf: sender, toStream: change)
            }
            if graph.parallelAttentionMLP {
                for head in heads { add(changeOf: head, toStream: change) }
            }
            workspace.reset(to: layerMark)
        }
        if let logits = plan.logits {
            finish(logits, final: final) { runner, x in
                runner.fill(x, for: logits, tested, streamChange: change)
            }
        }
        workspace.reset(to: mark)
    }

    /// The values of a row of the stream behind the last layer.
    private var fullWidth: Int { state.width(of: graph.logitsReceiver) }

    private mutating func takeChanges(of senders: [Int]) {
        for sender in senders {
            guard let extent = plan.extentOfSender[sender] else { continue }
            changes[sender] = workspace.take(
                count(extent) * state.currentOutput(of: sender).width)
        }
    }

    /// The input of a receiver for each variant: its current one plus the change of the stream.
    private mutating func fill(
        _ x: Floats, for input: EvaluationPlan.Input, _ tested: TestedInput,
        streamChange change: Floats
    ) {
        start(x, for: input, tested)
        if input.receiver == plan.tested { return }
        let (width, fullWidth) = (state.width(of: input.receiver), fullWidth)
        if input.extent == .end {
            forEachEnd { row, end in
                (x + end * width).add(change + row * fullWidth, count: width)
            }
        } else if width == fullWidth {
            x.add(change, count: count(.all) * width)
        } else {
            for row in 0..<count(.all) {
                (x + row * width).add(change + row * fullWidth, count: width)
            }
        }
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
