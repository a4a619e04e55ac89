import Discovery
import Engine
import Graphs
import Models
import Testing

/// Ablated features against interventions, which the reference implementation has checked.
@Suite("Ablation of features")
struct FeatureAblationTests {
    private static let other: [Int32] = [2, 9, 33, 17, 45, 17]

    private func ablation(
        _ name: String
    ) throws -> (FeatureAblation, FeatureSources) {
        let sources = try AttributionReference.sources(name)
        return (FeatureAblation(sources.run.transformer, sources.set), sources)
    }

    private func logits(
        _ ablation: FeatureAblation, _ sources: FeatureSources, _ isAblated: [[Bool]],
        to activations: FeatureAblation.Activations? = nil
    ) throws -> [Float] {
        let stream = try ablation.finalStream(
            of: AttributionReference.prompt, ablating: isAblated, to: activations)
        return sources.run.transformer.unembed(normalized: stream, rows: 1).array
    }

    private func choice(_ set: TranscoderSet, _ isIn: (Int) -> Bool) -> [[Bool]] {
        set.layers.indices.map { _ in (0..<set.featureCount).map(isIn) }
    }

    @Test("Without ablation the model is itself", arguments: AttributionReference.cases)
    func nothing(name: String) throws {
        let (ablation, sources) = try ablation(name)
        let logits = try logits(ablation, sources, choice(sources.set) { _ in false })
        #expect(gap(logits, sources.run.logits()) < 2e-5)
    }

    @Test(
        "Ablated to 0 is set to 0 at every position with nothing held constant",
        arguments: AttributionReference.cases)
    func zero(name: String) throws {
        let (ablation, sources) = try ablation(name)
        let places = sources.set.layers.indices.flatMap { layer in
            stride(from: 0, to: sources.set.featureCount, by: 3).compactMap {
                FeaturePlace("m\(layer).f\($0)@0:6")
            }
        }
        let intervention = try FeatureIntervention(
            places.map { FeatureChange($0, .set(0)) }, on: sources.run, sources.set)
        let found = try logits(ablation, sources, choice(sources.set) { $0 % 3 == 0 })
        #expect(gap(found, try intervention.logits(.open)) < 3e-5)
        #expect(gap(found, sources.run.logits()) > 1e-2)
    }

    @Test(
        "Ablated to another prompt's activations is set to them",
        arguments: AttributionReference.cases.filter { $0 != "gpt2-topk" })
    func resampled(name: String) throws {
        let (ablation, sources) = try ablation(name)
        let otherRun = try FrozenRun(
            Self.other, with: sources.run.transformer, outputHook: sources.set.outputHook)
        let other = try FeatureSources(otherRun, sources.set)
        var changes: [FeatureChange] = []
        for layer in sources.set.layers.indices {
            for feature in stride(from: 0, to: sources.set.featureCount, by: 3) {
                for position in 1..<6 {
                    let value = other.features.first {
                        Int($0.layer) == layer && Int($0.index) == feature
                            && Int($0.position) == position
                    }?.activation
                    changes.append(
                        FeatureChange(
                            FeaturePlace(layer: layer, feature: feature, position: position),
                            .set(value ?? 0)))
                }
            }
        }
        let intervention = try FeatureIntervention(changes, on: sources.run, sources.set)
        let found = try logits(
            ablation, sources, choice(sources.set) { $0 % 3 == 0 },
            to: ablation.activations(of: Self.other))
        #expect(gap(found, try intervention.logits(.open)) < 3e-5)
    }
}
