import Engine
import Experiments
import Graphs
import Models

/// A masked evaluation of the pairs of one piece, forwards and backwards, on one thread.
struct MaskedPass: ~Copyable {
    /// Rows of the piece that share a mask.
    struct Group {
        /// The pairs whose ends are among them, counted from the piece's first.
        let pairs: Range<Int>
        /// The rows, counted from the piece's first.
        let rows: Range<Int>
        /// `[edge]`
        let mask: UnsafePointer<Float>
    }

    let evaluator: MaskedEvaluator
    let pairs: Range<Int>
    let groups: [Group]
    let ablated: SenderOutputs
    /// Which neurons are present; nil is all.
    private let neurons: NeuronMasks?
    /// Each sender's current minus ablated output, `[sender, row, d_model]`.
    let differences: UnsafeMutablePointer<Float>
    /// The sum of the ablated outputs of each layer's heads, `[layer, row, d_model]`; empty unless
    /// a norm follows attention.
    let ablatedAttention: UnsafeMutablePointer<Float>
    /// `[pair of the piece, d_model]`
    let normalizedEnds: UnsafeMutablePointer<Float>
    /// The senders whose outputs are added to the stream as they are, in ranges of numbers: without a
    /// norm after attention all of them, else the input and MLPs.
    let additiveSenders: [Range<Int>]
    /// Values of a sender in all rows.
    let size: Int
    let pass: SplitPass

    var graph: ComputationalGraph { evaluator.graph }
    var transformer: Transformer { evaluator.transformer }
    var layout: RowLayout { pass.layout }
    var dModel: Int { graph.dModel }
    /// d_head times the number of heads.
    var headsWidth: Int { transformer.configuration.nHeads * transformer.configuration.dHead }

    /// Prepares the evaluation of `pairs`; `groups` are those with a mask of their own,
    /// `[edge]`, or if positions are separate `[position, edge]`.
    init(
        _ evaluator: MaskedEvaluator, pairs: Range<Int>, ablated: SenderOutputs,
        groups: [Range<Int>], masks: [UnsafePointer<Float>], separatePositions: Bool,
        neurons: NeuronMasks?, workspace: Workspace
    ) {
        self.evaluator = evaluator
        self.pairs = pairs
        self.ablated = ablated
        self.neurons = neurons
        let starts = evaluator.clean.layout.starts
        let first = starts[pairs.lowerBound]
        size = (starts[pairs.upperBound] - first) * evaluator.graph.dModel
        let edgeCount = evaluator.graph.edgeCount
        self.groups = zip(groups, masks).flatMap { ofGroup, mask in
            let whole = Group(
                pairs: ofGroup.lowerBound - pairs.lowerBound..<ofGroup.upperBound
                    - pairs.lowerBound,
                rows: starts[ofGroup.lowerBound] - first..<starts[ofGroup.upperBound] - first,
                mask: mask)
            guard separatePositions else { return [whole] }
            return whole.pairs.flatMap { pair in
                let rows = evaluator.clean.layout.rows(pairs.lowerBound + pair)
                return rows.map { row in
                    Group(
                        pairs: pair..<(row + 1 == rows.upperBound ? pair + 1 : pair),
                        rows: row - first..<row - first + 1,
                        mask: mask + (row - rows.lowerBound) * edgeCount)
                }
            }
        }
        let senders = evaluator.graph.senders
        additiveSenders =
            evaluator.transformer.normalizesAttention
            ? senders.indices.compactMap { sender in
                if case .head = senders[sender] { nil } else { sender..<sender + 1 }
            } : [senders.indices]
        differences = workspace.take(evaluator.graph.senders.count * size)
        ablatedAttention = workspace.take(
            evaluator.transformer.normalizesAttention ? evaluator.graph.nLayers * size : 0)
        normalizedEnds = workspace.take(pairs.count * evaluator.graph.dModel)
        pass = SplitPass(
            evaluator.transformer, lengths: pairs.map(evaluator.clean.layout.length),
            separatesKeyValueHeads: evaluator.graph.ungroupedKeyValue, workspace: workspace)
    }

    /// The piece's rows of an array `[row, width]` over all pairs.
    func rows(of values: FloatBuffer, width: Int) -> UnsafePointer<Float> {
        UnsafePointer(
            values.values + evaluator.clean.layout.starts[pairs.lowerBound] * width)
    }

    /// A sender's differences, `[row, d_model]`.
    func difference(_ sender: Int) -> UnsafeMutablePointer<Float> { differences + sender * size }

    /// Runs all layers.
    /// - Parameter ends: receives the normalised final stream at the end of each prompt,
    ///   `[pair of the piece, d_model]`.
    mutating func forward(ends: UnsafeMutablePointer<Float>) {
        let mark = pass.workspace.mark
        // The stream that an empty circuit would read, but for what is normalised.
        let base = pass.workspace.take(size)
        base.update(from: rows(of: ablated.input, width: dModel), count: size)
        difference(0).update(
            from: rows(of: evaluator.clean.input, width: dModel), minus: base, count: size)
        if let neurons {
            neurons.multiply(difference(0), by: neurons.input, rows: layout.rowCount)
        }
        for layer in 0..<graph.nLayers {
            addHeads(of: layer, base: base)
            let output = difference(graph.sender(mlp: layer))
            mlp(of: layer, to: output)
            let instead = rows(of: ablated.mlp[layer], width: dModel)
            base.add(instead, count: size)
            output.subtract(instead, count: size)
        }
        let logits = graph.edgeStart[graph.logitsReceiver]
        for group in groups {
            for pair in group.pairs {
                let row = layout.starts[pair + 1] - 1
                let end = pass.ends + pair * dModel
                end.update(from: base + row * dModel, count: dModel)
                addMixture(
                    to: end, stride: dModel, receivers: 1, mask: group.mask + logits,
                    maskStride: graph.senders.count, senders: graph.senders.count,
                    rows: row..<row + 1)
            }
        }
        pass.normalizedEnds(to: normalizedEnds)
        ends.update(from: normalizedEnds, count: pairs.count * dModel)
        pass.workspace.reset(to: mark)
    }

    /// Mixes the inputs of a layer's receivers, runs its heads, and completes the MLP's input.
    private mutating func addHeads(of layer: Int, base: UnsafeMutablePointer<Float>) {
        let mark = pass.workspace.mark
        let receivers = graph.receiversPerLayer
        let first = layer * receivers
        let before = graph.senderCount(of: first)
        let inputs = pass.inputs(of: layer)
        for receiver in 0..<receivers {
            (inputs + receiver * size).update(from: base, count: size)
        }
        // The MLP's edges from before the layer's own heads lie like one more row of those of the
        // heads' inputs.
        for group in groups {
            let offset = group.rows.lowerBound * dModel
            addMixture(
                to: inputs + offset, stride: size, receivers: receivers,
                mask: group.mask + graph.edgeStart[first], maskStride: before, senders: before,
                rows: group.rows)
        }

        let rowCount = layout.rowCount
        let z = pass.workspace.take(rowCount * headsWidth)
        pass.heads(of: layer, to: z)
        let instead = rows(of: ablated.z[layer], width: headsWidth)
        z.subtract(instead, count: rowCount * headsWidth)
        if let neurons { neurons.multiply(z, by: neurons.heads[layer], rows: rowCount) }
        for head in 0..<graph.nHeads {
            transformer.layers[layer].attention.applyOutput(
                ofHead: head, z, to: difference(graph.sender(layer: layer, head: head)),
                stride: dModel, rows: rowCount)
        }
        let isNormalized = transformer.normalizesAttention
        let update =
            isNormalized ? ablatedAttention + layer * size : pass.workspace.take(size)
        transformer.layers[layer].attention.output.apply(
            instead, stride: headsWidth, to: update, stride: dModel, rows: rowCount)
        if !isNormalized { base.add(update, count: size) }
        if !graph.parallelAttentionMLP {
            let input = inputs + (receivers - 1) * size
            if !isNormalized { input.add(update, count: size) }
            addHeads(of: layer, toMLP: input)
        }
        pass.workspace.reset(to: mark)
    }

    /// Runs the MLP of a layer, its hidden layer ablated at neurons that aren't present.
    private mutating func mlp(of layer: Int, to output: UnsafeMutablePointer<Float>) {
        guard let neurons else { return pass.mlp(of: layer, to: output) }
        let first = evaluator.clean.layout.starts[pairs.lowerBound]
        let rows = layout.rowCount
        pass.mlp(of: layer, to: output) {
            neurons.ablate($0, inLayer: layer, first: first, rows: rows)
        }
    }

    /// Adds what the MLP reads of its own layer's heads.
    private mutating func addHeads(of layer: Int, toMLP input: UnsafeMutablePointer<Float>) {
        let edge = graph.edgeStart[graph.receiver(mlp: layer)]
        for group in groups {
            let offset = group.rows.lowerBound * dModel
            if transformer.normalizesAttention {
                addNormalizedAttention(
                    of: layer, to: input + offset, stride: size, receivers: 1,
                    mask: group.mask + edge, maskStride: 0, rows: group.rows)
                continue
            }
            for head in 0..<graph.nHeads {
                let sender = graph.sender(layer: layer, head: head)
                (input + offset).add(
                    difference(sender) + offset, times: group.mask[edge + sender],
                    count: group.rows.count * dModel)
            }
        }
    }
}
