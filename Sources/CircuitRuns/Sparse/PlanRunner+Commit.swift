import Engine
import Graphs
import Models

/// Making a circuit's edges the current state: nodes computed afresh from their edges and stored.
extension PlanRunner {
    /// Computes the planned nodes afresh from the circuit's edges and stores them as current.
    /// - Parameter final: receives the normalised final stream, `[pair, d_model]`.
    mutating func commit(final: Floats) {
        precondition(variants == 1, "a commit has one variant")
        let mark = workspace.mark
        for layer in plan.layers {
            let layerMark = workspace.mark
            for input in layer.projections {
                let result = takeProjection(input)
                let x = takeInput(input)
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
                let x = takeInput(mlp)
                restore(x, mlp)
                let out = workspace.take(count(mlp.extent) * dModel)
                apply(transformer.layers[layer.layer], mlp, x, to: out)
                store(out, of: graph.sender(mlp: layer.layer), mlp.extent)
            }
            workspace.reset(to: layerMark)
        }
        if let logits = plan.logits {
            finish(logits, final: final) { runner, x in runner.restore(x, logits) }
        }
        workspace.reset(to: mark)
    }

    /// Sums up a receiver's input from its edges in the circuit and, if that is long, stores it.
    private mutating func restore(_ x: Floats, _ input: EvaluationPlan.Input) {
        sum(x, into: input.receiver, input.extent)
        state.storedInputs[input.receiver]?.store(pairs, from: x)
    }

    /// A receiver's input in the current circuit, one pair after the other.
    mutating func fillCurrent(_ x: Floats, of receiver: Int, _ extent: Extent) {
        if let stored = state.storedInputs[receiver] {
            stored.copy(extent, of: pairs, in: rows, to: x)
        } else {
            sum(x, into: receiver, extent)
        }
    }

    /// A receiver's input from nothing but its edges: the ablated stream plus the differences of
    /// its senders in the circuit, or, of a receiver whose senders are all clean, the clean stream
    /// minus those of the others. The shorter sum is taken.
    mutating func sum(_ x: Floats, into receiver: Int, _ extent: Extent) {
        let width = state.width(of: receiver)
        let senders = 0..<graph.senderCount(of: receiver)
        if plan.tests(receiver), let cleanInput {
            let edges = state.edges(into: receiver)
            if 2 * edges.count > edges.isPresent.count {
                copy(cleanInput, to: x, width: width, extent)
                for sender in senders {
                    addDifference(
                        of: sender, to: x, width: width, extent, where: edges.rowsWithout(sender),
                        scale: -1)
                }
                ablate(
                    state.parts.ablatedParts(edges, into: receiver, in: graph), in: x,
                    of: receiver, extent)
                return
            }
        }
        state.ablatedStream(at: state.point(of: receiver)).copy(
            extent, of: pairs, in: rows, to: x)
        for sender in state.keptSenders[receiver] ?? Array(senders) {
            addDifference(
                of: sender, to: x, width: width, extent,
                where: state.rows(of: sender, into: receiver), scale: 1)
        }
    }

    /// Puts some parts of the ablated stream into rows of a receiver's input.
    func ablate(
        _ parts: [(part: Int, rows: RowChoice)], in x: Floats, of receiver: Int, _ extent: Extent
    ) {
        for (part, choice) in parts {
            state.ablatedStream(at: state.point(of: receiver)).copy(
                part: part, extent, in: rows, at: choice, pairs: pairs, to: x,
                width: state.width(of: receiver))
        }
    }

    /// A stream at the rows of an extent, one pair after the other.
    /// - Parameter width: the values of a row.
    func copy(_ stream: StreamAtPoint, to x: Floats, width: Int, _ extent: Extent) {
        var target = x
        for pair in pairs {
            let first = rows.firstContextRow(extent, pair)
            let length = rows.layout(extent).length(pair)
            stream.copy(first..<first + length, to: target)
            target += length * width
        }
    }

    /// Adds a sender's current minus ablated output, times `scale`, to one variant's rows of `width`
    /// values.
    /// - Parameter choice: which of the rows; nil for none.
    mutating func addDifference(
        of sender: Int, to x: Floats, width: Int, _ extent: Extent, where choice: RowChoice?,
        scale: Float
    ) {
        guard let choice else { return }
        guard case .all = choice else {
            addDifference(of: sender, to: x, width: width, extent, at: choice, scale: scale)
            return
        }
        let ownWidth = state.currentOutput(of: sender).width
        let total = rows.count(extent, pairs)
        let mark = workspace.mark
        let difference = workspace.take(total * ownWidth)
        state.subtractAblated(of: sender, extent, pairs: pairs, in: rows, to: difference)
        addProjected(
            difference, of: sender, stride: ownWidth, rows: total, to: x, width: width,
            scale: scale)
        workspace.reset(to: mark)
    }

    /// Stores projected queries, keys or values as current.
    private func storeProjection(_ projected: Floats, _ input: EvaluationPlan.Input) {
        let (layer, number, kind) = attentionInput(input.receiver)
        if kind == .query {
            let q = currentQueries(layer, number)
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

    /// Stores a sender's output as current.
    private func store(_ output: Floats, of sender: Int, _ extent: Extent) {
        let width = state.currentOutput(of: sender).width
        let stored = state.computedOutput(of: sender)
        var source = output
        for pair in pairs {
            let count = rows.layout(extent).length(pair) * width
            (stored + rows.firstContextRow(extent, pair) * width).update(from: source, count: count)
            source += count
        }
    }
}
