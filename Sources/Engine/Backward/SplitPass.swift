import CKernels
import Models

/// A forward pass in which every receiver has an input of its own, as a circuit's receivers have,
/// and the way back. Whoever drives it writes the inputs of a layer's receivers, takes what its
/// heads and its MLP put out, and decides what that means for the receivers after them.
///
/// Forwards, for each layer: write the inputs of heads, `heads`, write the input of the MLP, `mlp`;
/// then write the ends and ask for `normalizedEnds`. Backwards, from what the loss wants: `endsBackward`,
/// then for each layer from the last `mlpBackward` and `headsBackward`. A backward step replaces the
/// receivers' inputs by the gradients there.
///
/// It runs on one thread, and its memory is the workspace's: passes of the same shape allocate
/// nothing.
package struct SplitPass: ~Copyable {
    /// How the prompts lie in the rows.
    package let layout: RowLayout
    /// The input of the final normalisation at the end of each prompt, `[prompt, d_model]`; later
    /// the gradient.
    package let ends: UnsafeMutablePointer<Float>
    let transformer: Transformer
    /// How many key (or value) receivers a layer has.
    let keyHeads: Int
    let layers: [LayerTape]
    let attention: BatchAttention
    /// For steps, and for whoever drives the pass between them.
    package var workspace: Workspace
    private let start: Workspace.Mark

    var configuration: ModelConfiguration { transformer.configuration }
    var rowCount: Int { layout.rowCount }
    var dModel: Int { configuration.dModel }
    var heads: Int { configuration.nHeads }

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
        let size = layout.rowCount * configuration.dModel
        let keyHeads =
            separatesKeyValueHeads ? configuration.nHeads : configuration.nKeyValueHeads
        self.layout = layout
        self.transformer = transformer
        self.keyHeads = keyHeads
        attention = BatchAttention(transformer, layout)
        start = workspace.mark
        let perLayer = configuration.nHeads + 2 * keyHeads + 1
        let inputs = workspace.take(configuration.nLayers * perLayer * size)
        ends = workspace.take(layout.promptCount * configuration.dModel)
        var layers: [LayerTape] = []
        for layer in 0..<configuration.nLayers {
            let first = inputs + layer * perLayer * size
            layers.append(
                LayerTape(
                    transformer.layers[layer], configuration, layout, attentionInput: first,
                    mlpInput: first + (perLayer - 1) * size, keyHeads: keyHeads, in: &workspace))
        }
        self.layers = layers
        self.workspace = workspace
    }

    /// Gives the scratch memory back.
    package consuming func finish() -> Workspace {
        workspace.reset(to: start)
        return workspace
    }

    /// The inputs of a layer's receivers, `[receiver, row, d_model]`: the queries of all heads, then
    /// keys, then values, then the MLP; those of the next layer follow them. After the backward
    /// steps, the gradients there.
    package func inputs(of layer: Int) -> UnsafeMutablePointer<Float> {
        layers[layer].attentionInput
    }

    /// Computes z of a layer's heads, `[row, head * d_head]`, from their inputs.
    package mutating func heads(of index: Int, to z: UnsafeMutablePointer<Float>) {
        let mark = workspace.mark
        let layer = transformer.layers[index]
        let tape = layers[index]
        let normalized = workspace.take(rowCount * dModel)
        var input = UnsafePointer(tape.attentionInput)
        func project(_ weights: Affine, heads count: Int, to target: UnsafeMutablePointer<Float>) {
            let width = configuration.dHead
            for head in 0..<count {
                let outputs = columns(of: weights, head: head, of: count)
                layer.attentionNorm.apply(input, to: normalized, rows: rowCount)
                weights.weight.outputs(outputs).apply(
                    normalized, stride: dModel, to: target + head * width, stride: count * width,
                    rows: rowCount)
                if let bias = weights.bias {
                    ckernels_add_bias(
                        target + head * width, bias.values + outputs.lowerBound, rowCount, width,
                        count * width)
                }
                input += rowCount * dModel
            }
        }
        project(layer.attention.query, heads: heads, to: tape.queries)
        project(layer.attention.key, heads: keyHeads, to: tape.keys)
        project(layer.attention.value, heads: keyHeads, to: tape.values)
        attention.rotate(tape.queries, heads: heads)
        attention.rotate(tape.keys, heads: keyHeads)
        attention.forward(layer.head, tape, keyHeads: keyHeads, to: z)
        workspace.reset(to: mark)
    }

    /// Computes what a layer's MLP puts out, `[row, d_model]`, from its input.
    /// - Parameter hidden: may change the hidden layer, `[row, d_mlp]`; there is no way back then.
    package mutating func mlp(
        of index: Int, to output: UnsafeMutablePointer<Float>,
        hidden: ((UnsafeMutablePointer<Float>) -> Void)? = nil
    ) {
        let mark = workspace.mark
        let layer = transformer.layers[index]
        let tape = layers[index]
        let normalized = workspace.take(rowCount * dModel)
        layer.mlpNorm.apply(tape.mlpInput, to: normalized, rows: rowCount)
        layer.mlp.apply(
            normalized, keeping: tape.mlpHidden, gate: tape.mlpGate,
            to: tape.mlpOutput ?? output, rows: rowCount, workspace: &workspace, hidden: hidden)
        layer.postMLPNorm.pushForward(tape.mlpOutput, to: output, rows: rowCount)
        workspace.reset(to: mark)
    }

    /// Writes the normalised final stream at the end of each prompt, `[prompt, d_model]`.
    package func normalizedEnds(to normalized: UnsafeMutablePointer<Float>) {
        transformer.finalNorm.apply(ends, to: normalized, rows: layout.promptCount)
    }

    /// The columns of a head's projection; heads that share keys or values read the same.
    func columns(of weights: Affine, head: Int, of count: Int) -> Range<Int> {
        let width = configuration.dHead
        let group = head * (weights.weight.outputs / width) / count
        return group * width..<(group + 1) * width
    }
}
