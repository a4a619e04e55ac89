package import Artifacts
package import Basics
import Graphs

/// The picture of an artifact: the graph of a circuit, the heat map of patching effects or of attention,
/// the curves of an evaluation, an attribution graph, or a circuit of features.
package enum Picture: Sendable {
    /// A circuit.
    case circuit(CircuitDrawing)
    /// Patching effects, or an attention pattern.
    case heatMap(HeatMap)
    /// The curves of an evaluation.
    case curves(CurveDrawing)
    /// An attribution graph, or a circuit of features.
    case features(FeatureGraphDrawing)

    /// The picture of an artifact.
    ///
    /// - Parameters:
    ///   - file: A circuit, patching effects, an evaluation, or a cache of attention patterns.
    ///   - options: What was chosen of the picture.
    ///   - run: One of a circuit's further runs, to draw in place of the main one.
    /// - Throws: ``Failure`` (usage) for a kind that has no picture, and
    ///   ``Artifacts/ArtifactError`` where the file isn't valid.
    package init(
        _ file: ArtifactFile, _ options: PictureOptions = PictureOptions(), run: Int? = nil
    ) throws {
        let roles = options.roles
        switch file.header.kind {
        case .circuit:
            let circuit = try file.circuit(run: run).content
            var options = options.circuit
            if let roles { options.roles = try roles.roles(in: circuit.graph) }
            self = .circuit(CircuitDrawing(circuit, options))
        case .patchEffects:
            self = .heatMap(
                try HeatMap(try file.read(PatchEffectsArtifact.self).content, options.heatMap))
        case .activationCache:
            guard let attention = options.attention else {
                throw Failure(
                    .usage,
                    "\(file.name): of a cache attention patterns can be drawn; give one with --hook "
                        + "blocks.0.attn.hook_pattern --head 0 --pair 0")
            }
            self = .heatMap(try HeatMap(try ActivationCache(file), attention, options.heatMap))
        case .evaluation:
            self = .curves(try CurveDrawing(try file.read(EvaluationArtifact.self).content))
        case .attributionGraph:
            let (artifact, chosen) = try file.attributionGraphs(prompt: run)
            let graph = PromptGraph(name: file.name, artifact.content, prompt: chosen ?? 0)
            let groups = try options.supernodes?.supernodes(of: graph)
            let most = options.circuit.maximumArrows
            self = .features(
                groups.map { FeatureGraphDrawing(SupernodeGraph(graph, $0), maximumEdges: most) }
                    ?? FeatureGraphDrawing(
                        graph.artifact, prompt: graph.prompt, maximumEdges: most))
        case .featureCircuit:
            self = .features(
                FeatureGraphDrawing(
                    try file.read(FeatureCircuitArtifact.self).content, name: file.name,
                    maximumEdges: options.circuit.maximumArrows))
        default:
            throw Failure(
                .usage,
                "\(file.name): there is no picture of \(file.header.kind.rawValue); "
                    + "circuits (of features, too), attribution graphs, patch-effects, evaluations and the attention "
                    + "patterns of caches can be drawn")
        }
    }

    /// The picture in DOT.
    ///
    /// - Throws: ``Failure`` (usage) where it isn't a graph.
    package func dot() throws(Failure) -> String {
        switch self {
        case .circuit(let drawing): return drawing.dot()
        case .features(let drawing): return drawing.dot()
        case .heatMap, .curves:
            throw Failure(
                .usage, "only circuits and attribution graphs are graphs; draw this with --svg")
        }
    }

    /// The picture as SVG.
    ///
    /// - Throws: ``Failure`` where Graphviz isn't installed or fails.
    package func svg() throws(Failure) -> String {
        switch self {
        case .circuit(let drawing): try Graphviz.svg(dot: drawing.dot())
        case .heatMap(let map): map.svg()
        case .curves(let drawing): drawing.svg()
        case .features(let drawing): drawing.svg()
        }
    }

    /// What was merged in it or left out of it, and by what rule.
    package var remarks: [String] {
        if case .circuit(let drawing) = self { drawing.remarks } else { [] }
    }
}
