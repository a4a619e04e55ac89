package import Artifacts
package import Basics
package import Engine
import Experiments
import Models

/// Makes steering vectors from the pairs of a dataset: of the differences of clean and corrupted
/// activations at a site, for each layer and position.
package struct SteeringVectorMaker {
    private let transformer: Transformer
    private let dataset: DatasetArtifact
    private let site: HookPoint.BlockPoint
    private let layers: [Int]
    private let labels: [String]
    private let recorder: ActivationRecorder

    /// Prepares to run a model.
    /// - Parameters:
    ///   - site: where the activations are d_model wide, such as `hook_resid_post`.
    ///   - layers: in order.
    ///   - positions: as a person writes them: `end`, `0:4`.
    /// - Throws: `Failure` (usage) for a site that the model hasn't or that isn't d_model wide, a layer or
    ///   a position that isn't there; (bad data) for prompts that it can't read.
    package init(
        _ dataset: DatasetArtifact, site: HookPoint.BlockPoint, layers: [Int], positions: String,
        with transformer: Transformer
    ) throws(Failure) {
        let configuration = transformer.configuration
        if let missing = layers.first(where: { $0 >= configuration.nLayers }) {
            throw Failure(
                .usage,
                "there is no layer \(missing): \(transformer.model.name) has the layers 0 to "
                    + "\(configuration.nLayers - 1)")
        }
        let selection = try PositionSelection(positions)
        for layer in layers { try VectorAddition.validate(site, layer: layer, in: transformer) }
        self.transformer = transformer
        self.dataset = dataset
        self.site = site
        self.layers = layers
        labels = try selection.labels(in: dataset)
        recorder = try ActivationRecorder(
            layers.map { .block($0, site) }, at: selection.positions(in: dataset), of: dataset,
            with: transformer)
    }

    /// Runs the model on all pairs and makes the vectors.
    /// - Parameters:
    ///   - model: what the artifact names.
    ///   - progress: told how many prompts are done.
    ///   - warn: told, a line each, which vectors are less certain than they look.
    /// - Throws: `Failure` where there are too few pairs, or no differences.
    package func vectors(
        _ method: SteeringMethod, model: ModelReference, datasetDigest: String,
        progress: (Int) -> Void = { _ in }, warn: (String) -> Void = { _ in }
    ) throws -> SteeringVectorArtifact {
        let (width, columns) = (transformer.configuration.dModel, labels.count)
        let places = layers.count * columns
        // Differences one after the other, `[place][pair, d_model]`; of means only their sum.
        var rows = [[Float]](repeating: [], count: places)
        var sums = [[Double]](repeating: Array(repeating: 0, count: width), count: places)
        var counts = [Int32](repeating: 0, count: places)
        var clean: ActivationRecorder.Batch?
        try recorder.run { batch in
            progress(batch.pairs.count)
            guard batch.run == .corrupted, let first = clean else {
                clean = batch
                return
            }
            for (layer, point) in recorder.points.enumerated() {
                guard let one = first.activations[point], let other = batch.activations[point]
                else { continue }
                let differences = FloatBuffer(one, minus: other).array
                for (index, pair) in batch.pairs.enumerated() {
                    for column in 0..<columns
                    where recorder.positions.values[pair * columns + column] >= 0 {
                        let start = (index * columns + column) * width
                        let row = differences[start..<start + width]
                        let place = layer * columns + column
                        counts[place] += 1
                        switch method {
                        case .meanDifference:
                            for (i, value) in row.enumerated() { sums[place][i] += Double(value) }
                        case .firstComponent: rows[place] += row
                        }
                    }
                }
            }
        }
        var vectors: [Float] = []
        var explained: [Float] = []
        for place in 0..<places {
            switch method {
            case .meanDifference:
                vectors += sums[place].map { Float($0 / Double(counts[place])) }
            case .firstComponent:
                let component = FirstComponent(rows[place], width: width)
                guard let direction = component.direction else {
                    throw Failure(
                        .badData,
                        "layer \(layers[place / columns]), position \(labels[place % columns]): the "
                            + "differences of \(counts[place]) pairs don't vary, so they have no "
                            + "first component; take more pairs, or mean-difference")
                }
                if !component.isConverged {
                    warn(
                        "layer \(layers[place / columns]), position \(labels[place % columns]): the "
                            + "first component isn't exact after \(FirstComponent.mostSteps) steps, "
                            + "since the second has nearly the same variance; the vector is a mixture "
                            + "of both")
                }
                vectors += direction
                explained.append(component.explained)
            }
        }
        let shape = [layers.count, columns]
        return SteeringVectorArtifact(
            model: model, method: method.rawValue, site: site.rawValue,
            layers: layers.map(Int32.init), positions: labels,
            vectors: DenseArray(shape: shape + [width], values: vectors),
            explained: explained.isEmpty ? nil : DenseArray(shape: shape, values: explained),
            pairsUsed: DenseArray(shape: shape, values: counts), pairCount: dataset.pairCount,
            datasetDigest: datasetDigest)
    }
}
