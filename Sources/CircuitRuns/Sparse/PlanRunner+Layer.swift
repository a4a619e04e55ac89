import Engine
import Experiments
import Graphs
import Models

/// The parts of a layer: projections, attention, MLP.
extension PlanRunner {
    /// Room for the projection of an input: `[pair, variant, row, d_head]`, where the rows of keys
    /// and values are all that attention sees.
    mutating func takeProjection(_ input: EvaluationPlan.Input) -> Floats {
        if attentionInput(input.receiver).kind == .query {
            return workspace.take(count(input.extent) * dHead)
        }
        let starts = rows.context.starts
        return workspace.take(
            variants * (starts[pairs.upperBound] - starts[pairs.lowerBound]) * dHead)
    }

    /// Joins and normalises x in place and projects it to queries, keys or values, normalised and
    /// rotated as the model does it.
    mutating func project(_ x: Floats, _ input: EvaluationPlan.Input, into target: Floats) {
        let (index, number, kind) = attentionInput(input.receiver)
        let layer = transformer.layers[index]
        let count = count(input.extent)
        join(x, input)
        layer.attentionNorm.apply(x, to: x, rows: count)
        let projection = layer.attention.projection(
            to: kind, number: number, of: graph.keyReceiverCount)
        let result = kind == .query ? target : workspace.take(count * dHead)
        projection.apply(x, to: result, rows: count, workspace: workspace)
        for pair in pairs {
            let length = rows.layout(input.extent).length(pair)
            projection.rotate(
                result + start(input.extent, pair) * dHead, rows: variants * length,
                positions: rows.positionOfRow.values + rows.firstActiveRow(input.extent, pair),
                period: length)
        }
        if kind != .query { copyToContext(result, index, number, kind, into: target) }
    }

    /// Keys or values of all positions: the changed ones behind the constant ones before them.
    func copyToContext(
        _ changed: Floats, _ layer: Int, _ number: Int, _ kind: AttentionInput,
        into result: Floats
    ) {
        let current = currentKeys(layer, number, kind)
        var target = result
        for pair in pairs {
            let length = rows.context.length(pair)
            let constant = rows.positions[pair].lowerBound
            var source = changed + start(.all, pair) * dHead
            for _ in 0..<variants {
                target.update(
                    from: current + rows.context.starts[pair] * dHead, count: constant * dHead)
                (target + constant * dHead).update(
                    from: source, count: (length - constant) * dHead)
                target += length * dHead
                source += (length - constant) * dHead
            }
        }
    }

    /// The layer, the number among the layer's query heads or key receivers, and the kind.
    func attentionInput(_ receiver: Int) -> (layer: Int, number: Int, kind: AttentionInput) {
        switch graph.receivers[receiver] {
        case .head(let layer, let head, let kind): (layer, head, kind)
        case .group(let layer, let group, let kind): (layer, group, kind)
        case .mlp, .logits: preconditionFailure("not an input of attention")
        }
    }

    /// A head's current queries, `[active row, d_head]`.
    func currentQueries(_ layer: Int, _ head: Int) -> Floats {
        values(of: state.attention[layer]?.q[head], layer)
    }

    /// Current keys or values, `[context row, d_head]`.
    func currentKeys(_ layer: Int, _ number: Int, _ kind: AttentionInput) -> Floats {
        let attention = state.attention[layer]
        return values(of: kind == .key ? attention?.k[number] : attention?.v[number], layer)
    }

    private func values(of buffer: FloatBuffer?, _ layer: Int) -> Floats {
        guard let buffer else {
            preconditionFailure("queries, keys or values of layer \(layer) aren't held")
        }
        return buffer.values
    }

    /// Attention of a head with some changed inputs: `[pair, variant, row, d_head]` into z.
    mutating func attend(
        _ head: EvaluationPlan.Head, of layer: Int, _ projected: [Floats], into z: Floats
    ) {
        let mark = workspace.mark
        let number = graph.keyReceiver(ofHead: head.head)
        let queries = currentQueries(layer, head.head)
        let keys = currentKeys(layer, number, .key)
        let values = currentKeys(layer, number, .value)
        let core = transformer.layers[layer].attention.head
        let contextFirst = rows.context.starts[pairs.lowerBound]
        // Where neither keys nor values change, a pair's variants are rows of one product.
        let shared = head.key == nil && head.value == nil
        let longest = pairs.map { rows.context.length($0) }.max() ?? 0
        let most = pairs.map { rows.layout(head.extent).length($0) }.max() ?? 0
        let pattern = workspace.take((shared ? variants : 1) * most * longest)
        for pair in pairs {
            let length = rows.layout(head.extent).length(pair)
            let keyCount = rows.context.length(pair)
            let first = rows.firstActiveRow(head.extent, pair)
            let firstQuery = state.rows.firstActiveRow(ofLast: length, pair)
            let visible = rows.visibleToRow.values + first
            let stacked = start(head.extent, pair)
            let context = rows.context.starts[pair]
            for variant in 0..<(shared ? 1 : variants) {
                let stackedContext = variants * (context - contextFirst) + variant * keyCount
                let row = stacked + variant * length
                let q =
                    head.query.map { projected[$0] + row * dHead } ?? queries + firstQuery * dHead
                let k =
                    head.key.map { projected[$0] + stackedContext * dHead }
                    ?? keys + context * dHead
                let v =
                    head.value.map { projected[$0] + stackedContext * dHead }
                    ?? values + context * dHead
                core.attend(
                    q, stride: dHead, queries: shared ? variants * length : length, keys: k,
                    stride: dHead, values: v, stride: dHead, count: keyCount, visible: visible,
                    period: length, pattern: pattern, to: z + row * dHead, stride: dHead)
            }
        }
        workspace.reset(to: mark)
    }

    /// Computes a head's change.
    mutating func change(
        _ head: EvaluationPlan.Head, of layer: Int, _ projected: [Floats]
    ) {
        let sender = graph.sender(layer: layer, head: head.head)
        guard let z = changes[sender] else { preconditionFailure("no room for a head's change") }
        attend(head, of: layer, projected, into: z)
        subtractCurrent(z, of: sender, head.extent)
    }

    /// Computes an MLP's change from its input, which is overwritten.
    /// - Parameter isExact: whether some of x is more exact than what the heads' changes add up to.
    mutating func change(
        _ mlp: EvaluationPlan.Input, of layer: Int, _ x: Floats, isExact: Bool
    ) {
        let sender = graph.sender(mlp: layer)
        guard let out = changes[sender] else { preconditionFailure("no room for an MLP's change") }
        if let headFed = headFed[layer], !isExact {
            apply(headFed, mlp, layer, x, to: out)
        } else {
            apply(transformer.layers[layer], mlp, x, to: out)
        }
        subtractCurrent(out, of: sender, mlp.extent)
    }

    /// Computes an MLP from its input x, which is overwritten.
    mutating func apply(
        _ layer: TransformerLayer, _ mlp: EvaluationPlan.Input, _ x: Floats, to out: Floats
    ) {
        let count = count(mlp.extent)
        join(x, mlp)
        layer.mlpNorm.apply(x, to: x, rows: count)
        layer.mlp.applyInSlabs(x, to: out, rows: count, workspace: workspace)
        layer.postMLPNorm?.apply(out, to: out, rows: count)
    }

    /// Computes an MLP from the heads that change its input x.
    private mutating func apply(
        _ headFed: HeadFedMLP, _ mlp: EvaluationPlan.Input, _ layer: Int, _ x: Floats,
        to out: Floats
    ) {
        let count = count(mlp.extent)
        let mark = workspace.mark
        let scales = workspace.take(count)
        let parts = transformer.layers[layer]
        parts.mlpNorm.apply(x, to: x, rows: count, inverseScale: scales)
        let changes: [Floats] = headFed.senders.compactMap { sender in
            self.changes[sender].map { masked($0, of: sender, into: mlp.receiver, mlp.extent) }
        }
        let (rows, held, pairs, variants) = (rows, state.rows, pairs, variants)
        let hiddenWidth = parts.mlp.hiddenWidth
        parts.mlp.applyInSlabs(to: out, rows: count, workspace: workspace) {
            columns, gate, input in
            headFed.fill(
                columns, gate: gate, input: input, rows: count, changes: changes, scales: scales
            ) { current, columns, target in
                var target = target
                for pair in pairs {
                    let length = rows.layout(mlp.extent).length(pair)
                    let first = held.firstActiveRow(ofLast: length, pair)
                    for _ in 0..<variants {
                        for row in first..<first + length {
                            target.update(
                                from: current + row * hiddenWidth + columns.lowerBound,
                                count: columns.count)
                            target += columns.count
                        }
                    }
                }
            }
        }
        workspace.reset(to: mark)
    }

    /// Turns stacked outputs of a sender into their differences from its current output.
    func subtractCurrent(_ stacked: Floats, of sender: Int, _ extent: Extent) {
        let (current, stride, width) = state.currentOutput(of: sender)
        var target = stacked
        for pair in pairs {
            let first = rows.firstContextRow(extent, pair)
            let length = rows.layout(extent).length(pair)
            for _ in 0..<variants {
                for row in first..<first + length {
                    target.subtract(current + row * stride, count: width)
                    target += width
                }
            }
        }
    }
}
