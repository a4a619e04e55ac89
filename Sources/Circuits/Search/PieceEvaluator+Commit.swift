internal import CKernels
internal import Engine
internal import Models

/// Making a circuit's edges the current state: nodes computed afresh from their edges and stored.
extension PieceEvaluator {
    /// Computes the planned nodes afresh from the circuit's edges and stores them as current.
    /// - Parameter final: receives the normalised final stream, `[pair, d_model]`.
    mutating func commit(final: Floats) {
        precondition(variants == 1, "a commit has one variant")
        let mark = workspace.mark
        for layer in plan.layers {
            let layerMark = workspace.mark
            for input in layer.projections {
                let result = takeProjection(input)
                let x = workspace.take(count(input.extent) * dModel)
                restore(x, input)
                project(x, input, into: result)
                storeProjection(result, input)
            }
            for head in layer.heads {
                let z = workspace.take(count(head.extent) * dHead)
                let current = EvaluationPlan.Head(
                    head: head.head, extent: head.extent, query: nil, key: nil, value: nil)
                attend(current, of: layer.layer, [], into: z)
                store(z, of: graph.sender(layer: layer.layer, head: head.head), head.extent)
            }
            if let mlp = layer.mlp {
                let x = workspace.take(count(mlp.extent) * dModel)
                restore(x, mlp)
                let parts = transformer.layers[layer.layer]
                parts.mlpNorm.apply(x, to: x, rows: count(mlp.extent))
                parts.mlp.apply(x, to: x, rows: count(mlp.extent), workspace: &workspace)
                store(x, of: graph.sender(mlp: layer.layer), mlp.extent)
            }
            workspace.reset(to: layerMark)
        }
        if let logits = plan.logits {
            restore(final, logits)
            transformer.finalNorm.apply(final, to: final, rows: count(.end))
        }
        workspace.reset(to: mark)
    }

    /// Sums up a receiver's input from its edges in the circuit and stores it.
    private mutating func restore(_ x: Floats, _ input: EvaluationPlan.Input) {
        sum(x, into: input.receiver, input.extent)
        guard let stored = state.storedInputs[input.receiver] else {
            preconditionFailure("a receiver has no place for its input")
        }
        for pair in pairs {
            let length = rows.layout(input.extent).length(pair)
            let target = storedRow(stored, input.extent, pair)
            (stored.values.values + target * dModel).update(
                from: x + start(input.extent, pair) * dModel, count: length * dModel)
        }
    }

    /// A receiver's input from nothing but its edges: the ablated stream plus the differences of
    /// its senders in the circuit, or, of a receiver whose senders are all clean, the clean stream
    /// minus those of the others. The shorter sum is taken.
    mutating func sum(_ x: Floats, into receiver: Int, _ extent: Extent) {
        let kept = state.keptSenders[receiver] ?? Array(0..<graph.senderCount(of: receiver))
        let place = ResidualStreams.place(of: graph.receivers[receiver], in: graph)
        let mostlyKept = 2 * kept.count > graph.senderCount(of: receiver)
        if receiver == plan.tested, mostlyKept {
            copyCleanStream(place, to: x, extent)
            let keptSet = Set(kept)
            for sender in 0..<graph.senderCount(of: receiver) where !keptSet.contains(sender) {
                addDifference(of: sender, to: x, extent, scale: -1)
            }
            return
        }
        copyAblatedStream(place, to: x, extent)
        for sender in kept { addDifference(of: sender, to: x, extent, scale: 1) }
    }

    /// The clean stream at the rows of an extent, one pair after the other.
    func copyCleanStream(_ place: Int, to x: Floats, _ extent: Extent) {
        var target = x
        for pair in pairs {
            let length = rows.layout(extent).length(pair)
            let firstPosition = rows.positions[pair].upperBound - length
            let row = rows.context.starts[pair] + firstPosition
            target.update(
                from: state.cleanStreams.places[place].values + row * dModel,
                count: length * dModel)
            target += length * dModel
        }
    }

    /// The stream with every edge cut, at the rows of an extent, one pair after the other.
    func copyAblatedStream(_ place: Int, to x: Floats, _ extent: Extent) {
        var target = x
        for pair in pairs {
            let count = rows.layout(extent).length(pair) * dModel
            target.update(
                from: state.ablatedStreams.places[place].values
                    + rows.firstActiveRow(extent, pair) * dModel, count: count)
            target += count
        }
    }

    /// Adds a sender's current minus ablated output, times `scale`, to one variant's rows.
    mutating func addDifference(of sender: Int, to x: Floats, _ extent: Extent, scale: Float) {
        let (values, stride, width) = state.difference(of: sender)
        let total = rows.count(extent, pairs)
        if extent == .all {
            let first = rows.all.starts[pairs.lowerBound]
            addProjected(
                values + first * stride, of: sender, stride: stride, rows: total, to: x,
                scale: scale)
            return
        }
        let mark = workspace.mark
        let last = workspace.take(total * width)
        for (index, pair) in pairs.enumerated() {
            (last + index * width).update(
                from: values + rows.firstActiveRow(.end, pair) * stride, count: width)
        }
        addProjected(last, of: sender, stride: width, rows: total, to: x, scale: scale)
        workspace.reset(to: mark)
    }

    /// Stores projected queries, keys or values as current.
    private func storeProjection(_ projected: Floats, _ input: EvaluationPlan.Input) {
        let (layer, number, kind) = attentionInput(input.receiver)
        if kind == .query {
            let q = currentAttention(layer).q.values + number * rows.all.rowCount * dHead
            for pair in pairs {
                (q + rows.firstActiveRow(input.extent, pair) * dHead).update(
                    from: projected + start(input.extent, pair) * dHead,
                    count: rows.layout(input.extent).length(pair) * dHead)
            }
        } else {
            let first = rows.context.starts[pairs.lowerBound]
            let total = rows.context.starts[pairs.upperBound] - first
            (currentKeys(layer, number, kind) + first * dHead).update(
                from: projected, count: total * dHead)
        }
    }

    /// Stores a sender's output as its difference from its ablated one.
    private func store(_ output: Floats, of sender: Int, _ extent: Extent) {
        let (difference, stride, width) = state.difference(of: sender)
        let ablated = state.ablatedOutput(of: sender)
        var source = output
        for pair in pairs {
            let first = rows.firstActiveRow(extent, pair)
            for row in first..<first + rows.layout(extent).length(pair) {
                ckernels_difference(
                    difference + row * stride, source, ablated + row * stride, width)
                source += width
            }
        }
    }
}
