internal import CKernels
internal import Engine

/// Evaluating variants of a receiver's input where no other receiver lacks an edge: all that are in
/// one place read the same stream, so its change is summed up once instead of by each of them, and a
/// sender's change is forgotten as soon as it is part of it.
extension PieceEvaluator {
    /// Evaluates variants of the tested receiver's input in a state that keeps everything.
    /// - Parameter final: receives the normalised final stream, `[pair, variant, d_model]`.
    mutating func evaluateWhole(_ tested: TestedInput, final: Floats) {
        variants = tested.variants
        defer { variants = 1 }
        let mark = workspace.mark
        // The change of the stream so far, `[pair, variant, active row, d_model]`.
        let change = workspace.take(count(.all) * dModel)
        change.update(repeating: 0, count: count(.all) * dModel)
        for layer in plan.layers {
            let layerMark = workspace.mark
            let heads = layer.heads.map { graph.sender(layer: layer.layer, head: $0.head) }
            takeChanges(of: heads)
            var projected: [Floats] = []
            for input in layer.projections {
                let result = takeProjection(input)
                let inputMark = workspace.mark
                let x = workspace.take(count(input.extent) * dModel)
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
                let x = workspace.take(count(mlp.extent) * dModel)
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
            fill(final, for: logits, tested, streamChange: change)
            transformer.finalNorm.apply(final, to: final, rows: count(.end))
        }
        workspace.reset(to: mark)
    }

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
        if input.extent == .all {
            ckernels_add(x, change, count(.all) * dModel)
        } else {
            forEachEnd { row, end in ckernels_add(x + end * dModel, change + row * dModel, dModel) }
        }
    }

    /// Adds a sender's change to that of the stream.
    private mutating func add(changeOf sender: Int, toStream change: Floats) {
        guard plan.extentOfSender[sender] == .end else {
            add(changeOf: sender, to: change, .all)
            return
        }
        let mark = workspace.mark
        let ends = workspace.take(count(.end) * dModel)
        forEachEnd { row, end in
            (ends + end * dModel).update(from: change + row * dModel, count: dModel)
        }
        add(changeOf: sender, to: ends, .end)
        forEachEnd { row, end in
            (change + row * dModel).update(from: ends + end * dModel, count: dModel)
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
