package import Artifacts
import Experiments
import Models
import Tasks

/// The effect of each patch on each pair.
package struct PatchResults: Sendable {
    /// The metric with the patch minus the metric without, `[component, position, pair]`; NaN where a
    /// pair doesn't have the position.
    package internal(set) var perPair: DenseArray<Float>

    /// The mean over the pairs that have the position, `[component, position]`; NaN where none has.
    package var effects: DenseArray<Float> {
        DenseArray(
            shape: Array(perPair.shape.prefix(2)), values: (0..<patchCount).map(mean(ofPatch:)))
    }

    /// Number of patches, each of all pairs.
    var patchCount: Int { perPair.shape[0] * perPair.shape[1] }

    /// The number of the patch that a job is part of.
    func patch(of job: PatchJob) -> Int { job.component * perPair.shape[1] + job.label }

    /// The mean effect of the patch that a job is part of.
    func effect(of job: PatchJob) -> PatchProgress.Effect {
        PatchProgress.Effect(
            component: job.component, position: job.label,
            value: mean(ofPatch: patch(of: job)))
    }

    private func mean(ofPatch patch: Int) -> Float {
        let count = perPair.shape[2]
        let known = perPair.values[patch * count..<(patch + 1) * count].filter { !$0.isNaN }
        guard !known.isEmpty else { return .nan }
        return Float(known.reduce(0) { $0 + Double($1) } / Double(known.count))
    }

    init(components: Int, positions: Int, pairs: Int) {
        perPair = DenseArray(repeating: .nan, shape: [components, positions, pairs])
    }

    subscript(job: PatchJob) -> Float {
        get { perPair.values[index(job)] }
        set { perPair.values[index(job)] = newValue }
    }

    private func index(_ job: PatchJob) -> Int {
        patch(of: job) * perPair.shape[2] + job.pair
    }

    /// The results as an artifact.
    ///
    /// - Parameters:
    ///   - level: `node` or `edge`.
    ///   - components: The name and layer of each component.
    package func artifact(
        of pairs: PatchedPairs, level: String, site: String,
        components: [(name: String, layer: Int)], positions: PatchPositions,
        model: ModelReference, datasetDigest: String
    ) -> PatchEffectsArtifact {
        PatchEffectsArtifact(
            model: model, level: level, site: site, components: components.map(\.name),
            layers: components.map { Int32($0.layer) }, positions: positions.labels,
            tokens: positions.tokens, positionNames: positions.names, effects: effects,
            perPair: perPair, cleanMetric: pairs.cleanMetric,
            corruptedMetric: pairs.corruptedMetric,
            metric: pairs.experiment.metric.metric.rawValue,
            direction: pairs.direction.artifactName, ablation: pairs.experiment.ablation.rawValue,
            datasetDigest: datasetDigest)
    }
}

/// One patch of one pair: a copy of its prompt in a stack of many.
struct PatchJob: Hashable, Sendable {
    /// Its component's number.
    var component: Int
    /// The number of its position's label.
    var label: Int
    /// The pair.
    var pair: Int
    /// The positions patched.
    var positions: Range<Int>
}
