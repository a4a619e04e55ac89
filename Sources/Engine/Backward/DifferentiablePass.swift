import CKernels
package import Models

/// A forward pass over one batch of prompts that can be followed by a backward pass to the inputs of
/// every receiver: each head's queries, keys and values, each MLP, the logits.
///
/// It runs on one thread. Its memory is the workspace's: the activations of this batch and, layer by
/// layer, the gradients that are handed out. A pass can be repeated from other embeddings without
/// allocating anything.
package struct DifferentiablePass: ~Copyable {
    /// What adds to the residual stream as a whole; heads and MLPs can be replaced on the way.
    package enum Component: Hashable, Sendable {
        /// The embeddings, `[row, d_model]`.
        case input
        /// The heads of a layer: `hook_z`, `[row, head * d_head]`.
        case heads(layer: Int)
        /// An MLP's output, `[row, d_model]`.
        case mlp(layer: Int)

        /// The layer that it is in; nil of the embeddings.
        var layer: Int? {
            switch self {
            case .input: nil
            case .heads(let layer), .mlp(let layer): layer
            }
        }

        /// How many values it has a row.
        package func width(in configuration: ModelConfiguration) -> Int {
            switch self {
            case .input, .mlp: configuration.dModel
            case .heads: configuration.nHeads * configuration.dHead
            }
        }
    }

    /// How the prompts lie in the rows.
    package let layout: RowLayout
    let transformer: Transformer
    /// Whether query heads that share keys and values get a gradient each.
    let separatesKeyValueHeads: Bool
    let layers: [LayerTape]
    let finalStream: UnsafeMutablePointer<Float>
    let attention: BatchAttention
    /// For steps, and for whoever drives the pass between them.
    package var workspace: Workspace
    private let start: Workspace.Mark

    var configuration: ModelConfiguration { transformer.configuration }
    var rowCount: Int { layout.rowCount }
    var dModel: Int { configuration.dModel }

    /// Prepares a pass over prompts of these lengths.
    /// - Parameters:
    ///   - separatesKeyValueHeads: whether each query head has its own key and value inputs even
    ///     though the model shares them.
    ///   - workspace: scratch memory, given back by `finish`.
    package init(
        _ transformer: Transformer, lengths: [Int], separatesKeyValueHeads: Bool = false,
        workspace: consuming Workspace
    ) {
        let layout = RowLayout(lengths: lengths)
        let configuration = transformer.configuration
        self.layout = layout
        self.transformer = transformer
        self.separatesKeyValueHeads = separatesKeyValueHeads
        attention = BatchAttention(transformer, layout)
        start = workspace.mark
        var layers: [LayerTape] = []
        for layer in transformer.layers {
            layers.append(LayerTape(layer, configuration, layout, in: &workspace))
        }
        self.layers = layers
        finalStream = workspace.take(layout.rowCount * configuration.dModel)
        self.workspace = workspace
    }

    /// Gives the scratch memory back.
    package consuming func finish() -> Workspace {
        workspace.reset(to: start)
        return workspace
    }

    /// The stream before the first layer, `[row, d_model]`: to be written before `forward`.
    package var embedding: UnsafeMutablePointer<Float> {
        layers.first?.attentionInput ?? finalStream
    }

    /// Runs what comes after a component whose output is given, from what the last passes left of
    /// the layers before it.
    /// - Parameters:
    ///   - replaced: the component; by default the embedding, after which everything is run.
    ///   - replace: overwrites its output.
    ///   - send: gets the output of each component that is run, z or what an MLP puts out.
    package mutating func forward(
        replacing replaced: Component = .input,
        with replace: (UnsafeMutablePointer<Float>) -> Void = { _ in },
        send: (Component, UnsafePointer<Float>) -> Void = { _, _ in }
    ) {
        let mark = workspace.mark
        let stream = rowCount * dModel
        let normalized = workspace.take(stream)
        let update = workspace.take(stream)
        if replaced == .input { replace(embedding) }
        for index in layers.indices.dropFirst(replaced.layer ?? 0) {
            let layer = transformer.layers[index]
            let tape = layers[index]
            let after = index + 1 < layers.count ? layers[index + 1].attentionInput : finalStream
            let isGiven = replaced == .mlp(layer: index)
            if isGiven, !configuration.parallelAttentionMLP {
                after.update(from: tape.mlpInput, count: stream)
            } else {
                if replaced == .heads(layer: index) {
                    project(layer, tape, to: update, replace)
                } else {
                    layer.attentionNorm.apply(tape.attentionInput, to: normalized, rows: rowCount)
                    attend(layer, tape, normalized, to: update) {
                        send(.heads(layer: index), $0)
                    }
                }
                after.update(from: tape.attentionInput, count: stream)
                ckernels_add(after, update, stream)
            }
            if isGiven {
                replace(update)
            } else {
                if !configuration.parallelAttentionMLP {
                    tape.mlpInput.update(from: after, count: stream)
                }
                layer.mlpNorm.apply(tape.mlpInput, to: normalized, rows: rowCount)
                layer.mlp.apply(
                    normalized, keeping: tape.mlpHidden, gate: tape.mlpGate,
                    to: tape.mlpOutput ?? update, rows: rowCount, workspace: &workspace)
                layer.postMLPNorm.pushForward(tape.mlpOutput, to: update, rows: rowCount)
                send(.mlp(layer: index), update)
            }
            ckernels_add(after, update, stream)
        }
        workspace.reset(to: mark)
    }

    /// Attention of all heads: what it adds to the stream.
    /// - Parameter send: gets z.
    private mutating func attend(
        _ layer: TransformerLayer, _ tape: LayerTape, _ normalized: UnsafePointer<Float>,
        to update: UnsafeMutablePointer<Float>, send: (UnsafePointer<Float>) -> Void
    ) {
        let width = configuration.dHead
        let (heads, shared) = (configuration.nHeads, configuration.nKeyValueHeads)
        let (qWidth, kvWidth) = (heads * width, shared * width)
        let weights = layer.attention
        weights.query.apply(
            normalized, stride: dModel, to: tape.queries, stride: qWidth, rows: rowCount)
        weights.key.apply(
            normalized, stride: dModel, to: tape.keys, stride: kvWidth, rows: rowCount)
        weights.value.apply(
            normalized, stride: dModel, to: tape.values, stride: kvWidth, rows: rowCount)
        attention.rotate(tape.queries, heads: heads)
        attention.rotate(tape.keys, heads: shared)
        let attention = attention
        project(layer, tape, to: update) {
            attention.forward(layer.head, tape, keyHeads: shared, to: $0)
            send($0)
        }
    }

    /// What the heads of a layer add to the stream, from the z that `fill` writes.
    private mutating func project(
        _ layer: TransformerLayer, _ tape: LayerTape, to update: UnsafeMutablePointer<Float>,
        _ fill: (UnsafeMutablePointer<Float>) -> Void
    ) {
        let mark = workspace.mark
        let qWidth = configuration.nHeads * configuration.dHead
        let z = workspace.take(rowCount * qWidth)
        fill(z)
        layer.attention.output.apply(
            z, stride: qWidth, to: tape.attentionOutput ?? update, stride: dModel, rows: rowCount)
        layer.postAttentionNorm.pushForward(tape.attentionOutput, to: update, rows: rowCount)
        workspace.reset(to: mark)
    }

    /// What the last `forward` left of a layer's attention before the norm after it,
    /// `[row, d_model]`; nil without such a norm.
    package func attentionOutput(ofLayer layer: Int) -> UnsafePointer<Float>? {
        layers[layer].attentionOutput.map { UnsafePointer($0) }
    }

    /// Writes the normalised final stream at the end of each prompt, `[prompt, d_model]`.
    package func normalizedEnds(to ends: UnsafeMutablePointer<Float>) {
        copyEnds(to: ends)
        transformer.finalNorm.apply(ends, to: ends, rows: layout.promptCount)
    }

    func copyEnds(to ends: UnsafeMutablePointer<Float>) {
        for prompt in 0..<layout.promptCount {
            (ends + prompt * dModel).update(
                from: finalStream + (layout.starts[prompt + 1] - 1) * dModel, count: dModel)
        }
    }
}
