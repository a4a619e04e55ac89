package import Basics
package import Engine
package import Models

/// A prompt's forward pass, of which all is kept that the linearised model holds constant: attention
/// patterns, the norms' scales, the outputs of the MLPs.
///
/// There is one copy, whatever the number of targets; its memory grows with tokens² for the patterns
/// and with tokens for all else.
package final class FrozenRun: Sendable {
    /// The model.
    package let transformer: Transformer
    /// The prompt.
    package let tokens: [Int32]
    /// The normalised final stream, `[position, d_model]`.
    let finalStream: FloatBuffer
    /// Token embeddings, `[position, d_model]`.
    let embeddings: FloatBuffer
    /// The layers.
    let layers: [FrozenLayer]
    /// The norm before the unembedding.
    let finalNorm: FrozenNorm
    /// Whether attention and MLP of a layer read the same stream.
    let isParallel: Bool

    /// d_model.
    package var dModel: Int { transformer.configuration.dModel }
    /// Number of positions.
    package var length: Int { tokens.count }

    /// Runs the model on a prompt.
    /// - Parameters:
    ///   - outputHook: what the transcoders replace.
    ///   - releasingWeights: whether the memory of weights in mapped files is given back after each layer:
    ///     of most of them nothing is needed any more.
    /// - Throws: `Failure` when the model can't read the prompt.
    package init(
        _ tokens: [Int32], with transformer: Transformer, outputHook: TranscoderSet.OutputHook,
        releasingWeights: Bool = false
    ) throws(Failure) {
        let configuration = transformer.configuration
        var points: Set<HookPoint> = []
        for layer in 0..<configuration.nLayers {
            let kept: [HookPoint.BlockPoint] = [
                .residualPre, .pattern, .z, .mlpOut, .residualPost,
                configuration.parallelAttentionMLP ? .residualPre : .residualMid,
            ]
            points.formUnion(kept.map { .block(layer, $0) })
        }
        let (recorded, _) = try transformer.record(
            points, of: [tokens], releasingWeights: releasingWeights)
        let (count, dModel) = (tokens.count, configuration.dModel)
        func values(_ layer: Int, _ point: HookPoint.BlockPoint) -> FloatBuffer {
            // All points were asked for.
            recorded.values[.block(layer, point)] ?? FloatBuffer(count: 0)
        }
        let workspace = Workspace()
        let isParallel = configuration.parallelAttentionMLP
        layers = transformer.layers.enumerated().map { index, layer in
            let mark = workspace.mark
            defer { workspace.reset(to: mark) }
            let pre = values(index, .residualPre)
            let stream = values(index, isParallel ? .residualPre : .residualMid)
            func freeze(_ norm: Normalizer, _ x: UnsafePointer<Float>) -> FrozenNorm {
                FrozenNorm(norm, at: x, positions: count, workspace: workspace)
            }
            let module = workspace.take(count * dModel)
            let postAttentionNorm = layer.postAttentionNorm.map { norm in
                let z = values(index, .z)
                layer.attention.output.apply(
                    z.values, stride: z.count / count, to: module, stride: dModel, rows: count)
                return freeze(norm, module)
            }
            var output = values(index, .mlpOut)
            let postMLPNorm = layer.postMLPNorm.map { norm in
                // No hook point gives the output before the norm that follows it.
                let own = FloatBuffer(count: count * dModel)
                layer.mlpNorm.apply(stream.values, to: module, rows: count)
                layer.mlp.apply(module, to: own.values, rows: count, workspace: workspace)
                if outputHook == .mlpModule { output = own }
                return freeze(norm, own.values)
            }
            return FrozenLayer(
                layer: layer, attentionNorm: freeze(layer.attentionNorm, pre.values),
                postAttentionNorm: postAttentionNorm, mlpNorm: freeze(layer.mlpNorm, stream.values),
                postMLPNorm: postMLPNorm, patterns: values(index, .pattern), mlpStream: stream,
                output: output, isCausal: configuration.isCausal)
        }
        embeddings = FloatBuffer(count: count * dModel)
        transformer.embed(tokens, to: embeddings.values)
        finalStream = FloatBuffer(count: count * dModel)
        let last =
            configuration.nLayers > 0
            ? values(configuration.nLayers - 1, .residualPost)
            : transformer.embeddings(of: [tokens])
        finalNorm = FrozenNorm(
            transformer.finalNorm, at: last.values, positions: count, workspace: workspace)
        transformer.finalNorm.apply(last.values, to: finalStream.values, rows: count)
        self.transformer = transformer
        self.tokens = tokens
        self.isParallel = isParallel
    }

    /// The logits after the last position, as the model gives them.
    package func logits() -> [Float] {
        let row = FloatBuffer(count: dModel)
        row.values.update(from: finalStream.values + (length - 1) * dModel, count: dModel)
        return transformer.unembed(normalized: row, rows: 1).array
    }

    /// The norms of the residual stream, by the hook point at which a pass has their scales.
    var normsByScale: [HookPoint: FrozenNorm] {
        var norms: [HookPoint: FrozenNorm] = [.finalScale: finalNorm]
        let hasNormsBefore = transformer.configuration.hasNormsBefore
        for (index, layer) in layers.enumerated() {
            if hasNormsBefore {
                norms[.block(index, .attentionScale)] = layer.attentionNorm
                norms[.block(index, .mlpScale)] = layer.mlpNorm
            }
            // Without norms before them, those after attention and MLP have these names.
            norms[.block(index, hasNormsBefore ? .postAttentionScale : .attentionScale)] =
                layer.postAttentionNorm
            norms[.block(index, hasNormsBefore ? .postMLPScale : .mlpScale)] = layer.postMLPNorm
        }
        return norms
    }
}
