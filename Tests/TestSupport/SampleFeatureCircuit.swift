package import Artifacts

extension FeatureCircuitArtifact {
    /// Three features that two graphs keep, two of them in the circuit.
    package static var sample: FeatureCircuitArtifact {
        FeatureCircuitArtifact(
            model: .sample, transcoders: AttributionGraphArtifact.sample.transcoders, layerCount: 2,
            share: 0.75,
            graphs: (0..<2).map {
                Graph(
                    name: "pair \($0), clean", digest: String(repeating: "ef", count: 32),
                    prompt: $0)
            },
            features: [
                Feature(
                    layer: 0, index: 5, count: 2, influence: 0.375, activation: 1.5,
                    inCircuit: true),
                Feature(
                    layer: 0, index: 9, count: 1, influence: 0.125, activation: 0.5,
                    inCircuit: false),
                Feature(
                    layer: 1, index: 60, count: 2, influence: 0.5, activation: 0.25,
                    inCircuit: true),
            ], edges: [Edge(source: 0, target: 2, count: 1, weight: -0.25)],
            datasetDigest: String(repeating: "cd", count: 32))
    }
}
