package import Models

/// A forward pass over one batch of prompts that can be followed by a backward pass to the inputs of
/// every receiver: each head's queries, keys and values, each MLP, the logits.
///
/// It runs on one thread. Its memory is the workspace's: the activations of this batch and, layer by
/// layer, the gradients that are handed out. A pass can be repeated from other embeddings without
/// allocating anything. It is of no use once the workspace is reset to where it was before.
package final class DifferentiablePass {
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

    let batch: PassBatch
    let layers: [LayerPass]
    let finalStream: UnsafeMutablePointer<Float>

    /// Prepares a pass over prompts of these lengths.
    /// - Parameters:
    ///   - separatesKeyValueHeads: whether each query head has its own key and value inputs even
    ///     though the model shares them.
    ///   - workspace: the pass's memory, and scratch for its steps.
    package init(
        _ transformer: Transformer, lengths: [Int], separatesKeyValueHeads: Bool = false,
        workspace: Workspace
    ) {
        let batch = PassBatch(
            transformer, lengths: lengths, separatesKeyValueHeads: separatesKeyValueHeads,
            workspace)
        self.batch = batch
        layers = transformer.layers.map { LayerPass($0, batch) }
        finalStream = workspace.take(batch.streamSize)
    }

    /// How the prompts lie in the rows.
    package var layout: RowLayout { batch.layout }
    /// Scratch memory, also for the code that calls the pass's steps.
    package var workspace: Workspace { batch.workspace }

    /// The stream before the first layer, `[row, d_model]`: to be written before `forward`.
    package var embedding: UnsafeMutablePointer<Float> {
        layers.first?.attentionInput ?? finalStream
    }

    /// Runs what comes after a component whose output is given, from what the last passes left of
    /// the layers before it.
    /// - Parameters:
    ///   - replaced: the component; by default the embedding, after which everything is run.
    ///   - replace: overwrites its output.
    ///   - send: gets the output of each component that is run, `[row, width]`.
    package func forward(
        replacing replaced: Component = .input,
        with replace: (UnsafeMutablePointer<Float>) -> Void = { _ in },
        send: (Component, UnsafePointer<Float>) -> Void = { _, _ in }
    ) {
        let mark = workspace.mark
        let (size, rows) = (batch.streamSize, batch.rowCount)
        let isParallel = batch.configuration.parallelAttentionMLP
        let normalized = workspace.take(size)
        let update = workspace.take(size)
        let z = workspace.take(rows * batch.headsWidth)
        if replaced == .input { replace(embedding) }
        for index in layers.indices.dropFirst(replaced.layer ?? 0) {
            let pass = layers[index]
            let after = index + 1 < layers.count ? layers[index + 1].attentionInput : finalStream
            let isGiven = replaced == .mlp(layer: index)
            if isGiven, !isParallel {
                after.update(from: pass.mlpInput, count: size)
            } else {
                if replaced == .heads(layer: index) {
                    replace(z)
                } else {
                    pass.layer.attentionNorm.apply(
                        pass.attentionInput, to: normalized, rows: rows)
                    pass.project(normalized)
                    pass.attend(to: z)
                    send(.heads(layer: index), z)
                }
                pass.applyOutput(z, to: update)
                after.update(from: pass.attentionInput, count: size)
                after.add(update, count: size)
            }
            if isGiven {
                replace(update)
            } else {
                if !isParallel { pass.mlpInput.update(from: after, count: size) }
                pass.applyMLP(to: update)
                send(.mlp(layer: index), update)
            }
            after.add(update, count: size)
        }
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
        batch.transformer.finalNorm.apply(ends, to: ends, rows: layout.promptCount)
    }

    func copyEnds(to ends: UnsafeMutablePointer<Float>) {
        let dModel = batch.dModel
        for prompt in 0..<layout.promptCount {
            (ends + prompt * dModel).update(
                from: finalStream + (layout.starts[prompt + 1] - 1) * dModel, count: dModel)
        }
    }
}
