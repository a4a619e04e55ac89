package import Basics
import Engine
package import Models

/// The active features of a prompt and the errors of their reconstruction, with the vectors they write.
package final class FeatureSources: Sendable {
    /// An active feature.
    package struct Feature: Hashable, Sendable {
        /// Its transcoder's layer.
        package let layer: Int32
        /// Where it is active.
        package let position: Int32
        /// Its number in the transcoder.
        package let index: Int32
        /// Its activation; negative ones are possible where a TopK keeps them.
        package let activation: Float
    }

    /// The forward pass.
    package let run: FrozenRun
    /// The transcoders.
    package let set: TranscoderSet
    /// The active features by layer, position and index.
    package let features: [Feature]
    /// How sources are numbered.
    package let layout: SourceLayout
    /// The source of each feature.
    let sourceOfFeature: [Int]
    /// The feature of each source; -1 of errors.
    let featureOfSource: [Int32]
    /// The activation of each source, 1 of errors.
    let factors: FloatBuffer
    private let vectors: SourceVectors

    /// Runs the transcoders of all layers on a prompt's pass.
    /// - Parameter mostKeptBytes: the most memory that decoder rows of active features take; where it isn't
    ///   enough they are read in the files again and again.
    /// - Throws: `Failure` where they don't fit, or have values that aren't numbers.
    package init(
        _ run: FrozenRun, _ set: TranscoderSet, mostKeptBytes: Int? = nil
    ) throws(Failure) {
        let length = run.length
        let scratch = ScratchPool(workers: run.transformer.pool.threads)
        var features: [Feature] = []
        var counts: [Int] = []
        for layer in set.layers.indices {
            let frozen = run.layers[layer]
            let active = try TranscoderPass(
                set: set, index: layer, stream: frozen.mlpStream, length: length,
                norm: frozen.mlpNorm.norm, pool: run.transformer.pool
            ).activeFeatures(scratch: scratch)
            // The encoder is read through once; of the decoder only active features' rows are.
            set.layers[layer].releasePages()
            for (position, list) in active.enumerated() {
                counts.append(list.count)
                features += list.map {
                    Feature(
                        layer: Int32(layer), position: Int32(position), index: $0.feature,
                        activation: $0.activation)
                }
            }
        }
        layout = SourceLayout(featureCounts: counts, length: length)
        // An error follows the features of every position of every layer before.
        sourceOfFeature = features.enumerated().map { number, feature in
            number + Int(feature.layer) * length + Int(feature.position)
        }
        factors = FloatBuffer(count: layout.outputCount)
        factors.values.update(repeating: 1, count: layout.outputCount)
        var featureOfSource = [Int32](repeating: -1, count: layout.outputCount)
        for (number, source) in sourceOfFeature.enumerated() {
            factors.values[source] = features[number].activation
            featureOfSource[source] = Int32(number)
        }
        self.featureOfSource = featureOfSource
        self.features = features
        self.run = run
        self.set = set
        vectors = try SourceVectors(
            run, set, features, layout, featureOfSource: featureOfSource, factors: factors,
            mostKeptBytes: mostKeptBytes ?? SourceVectors.mostKeptBytes)
    }

    /// Whether `vectors` are at hand, and need not be gathered each time.
    var vectorsAreKept: Bool { vectors.areKept }

    /// Adds the products of all sources' vectors and a gradient, without gathering the vectors; see
    /// `SourceVectors.addProducts`.
    func addProducts(
        layer: Int, output: Int, _ gradient: UnsafePointer<Float>, positions: Int, targets: Int,
        to effects: UnsafeMutablePointer<Float>, stride: Int, workspace: Workspace
    ) {
        vectors.addProducts(
            layer: layer, output: output, gradient, positions: positions, targets: targets,
            to: effects, stride: stride, workspace: workspace)
    }

    /// The vectors that sources of layer `layer` at a position write to the output of layer `output`,
    /// before the factor: `[source, d_model]`. Errors write to their own layer only.
    func vectors(
        layer: Int, position: Int, output: Int, workspace: Workspace
    ) -> (values: UnsafePointer<Float>, count: Int) {
        vectors.block(layer: layer, position: position, output: output, workspace: workspace)
    }

    /// The error of a layer at a position, `[d_model]`.
    func error(layer: Int, position: Int) -> UnsafePointer<Float> {
        vectors.error(layer: layer, position: position)
    }
}
