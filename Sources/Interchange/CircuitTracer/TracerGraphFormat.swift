import Artifacts
import Basics
import Graphs

/// The graphs that circuit-tracer saves (`Graph.to_pt`): a matrix of direct effects between all nodes.
struct TracerGraphFormat: InterchangeFormat {
    let name = "circuit-tracer-pt"
    let origin = "circuit-tracer: attribution graphs (`Graph.to_pt`)"
    let extensions = ["pt"]
    let recognition = "a file of `torch.save` with keys `adjacency_matrix`, `active_features`"
    let reads: [ArtifactKind] = [.attributionGraph]
    let writes: [ArtifactKind] = []
    let cannotHold =
        "model and transcoders by digest (reading takes them and the thresholds of pruning from `--like`); "
        + "the effects of features that aren't nodes"
    let isBinary = true

    /// Classes of the files' few instances, which are read as records of their fields.
    private static let inert: Set = [
        "circuit_tracer.utils.tl_nnsight_mapping.UnifiedConfig",
        "circuit_tracer.attribution.targets.LogitTarget",
        "transformer_lens.HookedTransformerConfig.HookedTransformerConfig",
        "transformer_lens.config.HookedTransformerConfig.HookedTransformerConfig",
        "torch.float32", "torch.float16", "torch.bfloat16", "torch.float64",
        // What numpy's numbers are made of, such as the scale of attention in TransformerLens's configuration,
        // which earlier versions saved as it is.
        "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy.dtype",
        "_codecs.encode",
    ]

    func recognizes(_ file: ForeignFile) -> Bool {
        guard file.isZip,
            let root = try? TorchFile(path: file.path, name: file.name, inert: Self.inert).root
        else { return false }
        return root["adjacency_matrix"] != nil && root["active_features"] != nil
    }

    func read(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws {
        let like = try job.requireLike(file, for: "which model and transcoders it is of, by digest")
        let graphs = try like.requireAttributionGraph()
        let torch = try TorchFile(path: file.path, name: file.name, inert: Self.inert)
        let content = TracerGraphFile(torch, name: file.name)
        let graph = try content.graph(layerCount: graphs.layerCount)
        let isWhole = graph.features.count == graph.activeFeatureCount
        let texts = try content.spellings()
        var result = AttributionGraphArtifact(
            model: graphs.model, transcoders: graphs.transcoders, layerCount: graphs.layerCount,
            settings: AttributionGraphArtifact.Settings(
                maxFeatures: isWhole ? nil : graph.features.count,
                nodeThreshold: graphs.settings.nodeThreshold,
                edgeThreshold: graphs.settings.edgeThreshold))
        result.append(graph, name: content.prompt ?? "", spelling: { texts[$0] })
        if !isWhole {
            result.prompts[0].replacementWithLeftOut = .nan
            result.prompts[0].completenessWithLeftOut = .nan
            job.remark(
                "\(graph.features.count) of \(graph.activeFeatureCount) active features are nodes; the "
                    + "effects of the others, and the scores that count them, aren't in the file")
        }
        try job.store(result, of: file)
        job.remark(
            "pruned anew, with the thresholds of \(like.name): \(graphs.settings.nodeThreshold) and "
                + "\(graphs.settings.edgeThreshold)")
    }
}
