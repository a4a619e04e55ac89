package import Artifacts
package import Basics
import Graphs

/// The picture of an artifact: the graph of a circuit, the heat map of patching effects, or the curves
/// of an evaluation.
package enum Picture: Sendable {
    /// A circuit.
    case circuit(CircuitDrawing)
    /// Patching effects.
    case heatMap(HeatMap)
    /// The curves of an evaluation.
    case curves(CurveDrawing)
    /// An attribution graph.
    case features(FeatureGraphDrawing)

    /// The picture of an artifact.
    ///
    /// - Parameters:
    ///   - file: A circuit, patching effects or an evaluation.
    ///   - detail: How far to fold a circuit.
    ///   - maximumEdges: The most arrows to draw of a circuit.
    ///   - run: One of a circuit's further runs, to draw in place of the main one.
    /// - Throws: ``Failure`` (usage) for a kind that has no picture, and
    ///   ``Artifacts/ArtifactError`` where the file isn't valid.
    package init(
        _ file: ArtifactFile, detail: CircuitDrawing.Detail = .auto, maximumEdges: Int = 100,
        run: Int? = nil
    ) throws {
        switch file.header.kind {
        case .circuit:
            let circuit = try file.circuit(run: run).content
            self = .circuit(
                CircuitDrawing(circuit, detail: detail, maximumEdges: maximumEdges))
        case .patchEffects:
            self = .heatMap(HeatMap(try file.read(PatchEffectsArtifact.self).content))
        case .evaluation:
            self = .curves(try CurveDrawing(try file.read(EvaluationArtifact.self).content))
        case .attributionGraph:
            let artifact = try file.read(AttributionGraphArtifact.self).content
            guard (run ?? 0) < artifact.prompts.count else {
                throw Failure(
                    .usage, "\(file.name): it has only \(artifact.prompts.count) prompts")
            }
            self = .features(
                FeatureGraphDrawing(artifact, prompt: run ?? 0, maximumEdges: maximumEdges))
        default:
            throw Failure(
                .usage,
                "\(file.name): there is no picture of \(file.header.kind.rawValue); "
                    + "circuits, attribution graphs, patch-effects and evaluations can be drawn")
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
            throw Failure(.usage, "only a circuit is a graph; draw this with --svg")
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
}
