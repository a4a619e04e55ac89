import Basics
import Engine
import Models

/// What active features and errors write: decoder rows by layer and position.
///
/// They are kept in memory in the order of the sources where that takes no more than
/// `mostKeptBytes`; else they are read in the mapped file whenever they are used: many positions have the
/// same features active, and the file has each one's row once.
final class SourceVectors: Sendable {
    private let set: TranscoderSet
    private let features: [FeatureSources.Feature]
    private let layout: SourceLayout
    private let featureOfSource: [Int32]
    private let dModel: Int
    /// The errors, `[layer, position, d_model]`.
    private let errors: FloatBuffer
    /// By source layer and its n-th output, `[source of the layer, d_model]`; empty if not kept.
    private let kept: [[FloatBuffer]]

    /// The most memory that kept decoder rows take.
    static let mostKeptBytes = 64 << 20

    init(
        _ run: FrozenRun, _ set: TranscoderSet, _ features: [FeatureSources.Feature],
        _ layout: SourceLayout, featureOfSource: [Int32], factors: FloatBuffer,
        mostKeptBytes: Int
    ) throws(Failure) {
        self.set = set
        self.features = features
        self.layout = layout
        self.featureOfSource = featureOfSource
        let (dModel, length) = (run.dModel, run.length)
        self.dModel = dModel
        let layers = set.layers.indices
        @Sendable func sources(_ layer: Int) -> Range<Int> {
            layout.sources(layer: layer, positions: length)
        }
        let values = layers.reduce(0) {
            $0 + sources($1).count * set.outputs(ofLayer: $1).count * dModel
        }
        let kept: [[FloatBuffer]] =
            4 * values > mostKeptBytes
            ? []
            : layers.map { layer in
                set.outputs(ofLayer: layer).map { _ in
                    FloatBuffer(zeros: sources(layer).count * dModel)
                }
            }
        let errors = FloatBuffer(zeros: layers.count * length * dModel)
        let bad = Results<Failure>(length)
        let pool = run.transformer.pool
        let scratch = ScratchPool(workers: pool.threads)
        // Layer by layer, so that no more than one decoder is in memory besides what is kept of it.
        for layer in layers {
            let transcoder = set.layers[layer]
            pool.run(length) { worker, position in
                scratch.withWorkspace(of: worker) { workspace in
                    let row = workspace.take(dModel)
                    let cell = layout.sources(layer: layer, position: position)
                    for (n, output) in set.outputs(ofLayer: layer).enumerated() {
                        let error = errors.values + (output * length + position) * dModel
                        for source in cell where featureOfSource[source] >= 0 {
                            let feature = features[Int(featureOfSource[source])]
                            transcoder.copyDecoder(of: Int(feature.index), output: n, to: row)
                            let column = firstNonFinite(row, count: dModel)
                            if column < dModel {
                                bad[position] = transcoder.decoder.notFinite(
                                    row: Int(feature.index), column: column)
                            }
                            error.add(row, times: -feature.activation, count: dModel)
                            if !kept.isEmpty {
                                let place = source - sources(layer).lowerBound
                                (kept[layer][n].values + place * dModel).update(
                                    from: row, count: dModel)
                            }
                        }
                    }
                }
            }
            transcoder.releasePages()
        }
        pool.run(length) { worker, position in
            scratch.withWorkspace(of: worker) { workspace in
                for layer in layers {
                    let error = errors.values + (layer * length + position) * dModel
                    guard position >= set.quietPositionCount else {
                        error.update(repeating: 0, count: dModel)
                        continue
                    }
                    Self.finish(
                        error, layer: layer, position: position, of: run, set, workspace: workspace)
                    if !kept.isEmpty {
                        let place =
                            layout.sources(layer: layer, position: position).upperBound - 1
                            - sources(layer).lowerBound
                        (kept[layer][0].values + place * dModel).update(from: error, count: dModel)
                    }
                }
            }
        }
        for position in 0..<length { if let failure = bad[position] { throw failure } }
        self.errors = errors
        self.kept = kept
    }

    /// Whether all vectors are in memory.
    var areKept: Bool { !kept.isEmpty }

    /// Adds the products of all vectors of a layer's sources for one output, and of the gradient there.
    ///
    /// Vectors are read where they lie: position by position, so that of several targets the gradients stay
    /// in the cache, and each vector is read once for all of them.
    /// - Parameters:
    ///   - gradient: `[position, target, d_model]`.
    ///   - effects: `[target, source of the layer]`, rows `stride` apart.
    func addProducts(
        layer: Int, output: Int, _ gradient: UnsafePointer<Float>, positions: Int, targets: Int,
        to effects: UnsafeMutablePointer<Float>, stride: Int, workspace: Workspace
    ) {
        let mark = workspace.mark
        defer { workspace.reset(to: mark) }
        let scratch = workspace.take(dModel)
        let transcoder = set.layers[layer]
        let first = layout.sources(layer: layer, positions: positions).lowerBound
        for position in 0..<positions {
            let g = gradient + position * targets * dModel
            for source in layout.sources(layer: layer, position: position) {
                let feature = featureOfSource[source]
                if feature < 0, output != layer { continue }
                let vector =
                    feature < 0
                    ? error(layer: layer, position: position)
                    : transcoder.decoderRow(
                        of: Int(features[Int(feature)].index), output: output - layer,
                        scratch: scratch)
                addDots(
                    vector, g, stride: dModel, rows: targets, count: dModel,
                    to: effects + source - first, sumStride: stride)
            }
        }
    }

    /// Makes minus the features' sum into the error: what the MLP outputs minus the reconstruction.
    private static func finish(
        _ error: UnsafeMutablePointer<Float>, layer: Int, position: Int, of run: FrozenRun,
        _ set: TranscoderSet, workspace: Workspace
    ) {
        let (dModel, transcoder) = (run.dModel, set.layers[layer])
        let frozen = run.layers[layer]
        for index in 0..<dModel { error[index] -= transcoder.decoderBias[index] }
        if let skip = transcoder.skip {
            let mark = workspace.mark
            let read = workspace.take(dModel)
            TranscoderPass.reads(
                frozen.mlpStream.values + position * dModel, of: set, frozen.mlpNorm.norm, rows: 1,
                to: read)
            let through = workspace.take(dModel)
            skip.apply(read, stride: dModel, to: through, stride: dModel, rows: 1)
            error.subtract(through, count: dModel)
            workspace.reset(to: mark)
        }
        error.add(frozen.output.values + position * dModel, count: dModel)
    }

    func error(layer: Int, position: Int) -> UnsafePointer<Float> {
        UnsafePointer(errors.values + (layer * layout.length + position) * dModel)
    }

    /// The vectors of a layer's sources at a position for one output, `[source, d_model]`, and how many
    /// there are: all, or in a later layer than their own all but the error.
    func block(
        layer: Int, position: Int, output: Int, workspace: Workspace
    ) -> (values: UnsafePointer<Float>, count: Int) {
        let cell = layout.sources(layer: layer, position: position)
        let count = cell.count - (output == layer ? 0 : 1)
        let first = layout.sources(layer: layer, positions: layout.length).lowerBound
        if !kept.isEmpty {
            let values = kept[layer][output - layer].values + (cell.lowerBound - first) * dModel
            return (UnsafePointer(values), count)
        }
        let values = workspace.take(count * dModel)
        for (index, source) in cell.prefix(count).enumerated() {
            let row = values + index * dModel
            if featureOfSource[source] >= 0 {
                let feature = features[Int(featureOfSource[source])]
                set.layers[layer].copyDecoder(
                    of: Int(feature.index), output: output - layer, to: row)
            } else {
                row.update(from: error(layer: layer, position: position), count: dModel)
            }
        }
        return (UnsafePointer(values), count)
    }
}
