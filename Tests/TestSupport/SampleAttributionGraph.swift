package import Artifacts

extension AttributionGraphArtifact {
    /// The graphs of two prompts of two tokens: a feature of each of two layers, errors, a logit.
    package static var sample: AttributionGraphArtifact {
        var artifact = AttributionGraphArtifact(
            model: .sample,
            transcoders: TranscoderReference(
                name: "set", path: "/transcoders/set", digest: String(repeating: "12", count: 32),
                kind: "transcoder_set", inputHook: "mlp.hook_in", outputHook: "mlp.hook_out",
                activation: "relu", featureCount: 64, scan: "gemma-2-2b"),
            layerCount: 2,
            settings: Settings(
                logitCount: 10, logitMass: 0.95, maxFeatures: 2, batchSize: 256, updateInterval: 4,
                nodeThreshold: 0.8, edgeThreshold: 0.98),
            datasetDigest: String(repeating: "cd", count: 32))
        var loadings = HeadLoadings()
        for prompt in 0..<2 {
            let first = Int32(artifact.nodes.count)
            let edge = Int32(artifact.edges.count)
            loadings.edges += [edge, edge + 1, edge + 1]
            loadings.layers += [0, -1, 1]
            loadings.heads += [1, -1, 0]
            loadings.weights += [1, -0.75, 0.25]
            loadings.through += [1, -0.75, 0.125]
            artifact.prompts.append(
                Prompt(
                    name: "pair 0, \(prompt == 0 ? "clean" : "corrupted")", activeFeatureCount: 3,
                    replacement: 0.5, completeness: 0.75, replacementWithLeftOut: 0.375,
                    completenessWithLeftOut: 0.625))
            artifact.promptOfToken += [Int32(prompt), Int32(prompt)]
            artifact.tokens += [2, 7]
            artifact.nodes.prompts += [Int32](repeating: Int32(prompt), count: 9)
            artifact.nodes.names += [
                "m0.f5@1", "m1.f60@1", "m0.error@0", "m0.error@1", "m1.error@0", "m1.error@1",
                "input@0", "input@1", "logits.t9",
            ]
            artifact.nodes.layers += [0, 1, 0, 0, 1, 1, -1, -1, 2]
            artifact.nodes.positions += [1, 1, 0, 1, 0, 1, 0, 1, 1]
            artifact.nodes.features += [5, 60, -1, -1, -1, -1, -1, -1, -1]
            artifact.nodes.tokens += [-1, -1, -1, -1, -1, -1, 2, 7, 9]
            artifact.nodes.activations += [1.5, 0.25, 0, 0, 0, 0, 0, 0, 0]
            artifact.nodes.probabilities += [0, 0, 0, 0, 0, 0, 0, 0, 0.96]
            artifact.nodes.influences += [0.375, 0.5, 0, 0.125, 0, 0.25, 0, 0.25, 0]
            artifact.nodes.cumulative += [0.75, 0.5, 1, 1, 1, 0.875, 1, 0.9375, 1]
            artifact.nodes.leftOut =
                (artifact.nodes.leftOut ?? []) + [0, 0.125, 0, 0, 0, 0, 0, 0, 0.25]
            artifact.nodes.kept += [true, true, false, false, false, true, true, true, true]
            artifact.edges.sources += [first + 7, first, first + 7, first + 1, first + 5]
            artifact.edges.targets += [first, first + 1, first + 1, first + 8, first + 8]
            artifact.edges.weights += [1, -0.5, 0.25, 2, -1]
            artifact.edges.kept += [true, true, false, true, true]
        }
        artifact.headLoadings = loadings
        return artifact
    }
}
