import Artifacts
import Basics
import Graphs

/// An artifact of the same model, of which is taken what a file of another tool doesn't say: the graph,
/// the model, the dataset.
package struct LikeArtifact: Sendable {
    /// Its name, for messages.
    let name: String
    /// The model, where it names one.
    let model: ModelReference?
    /// The graph, where it has one.
    let graph: GraphTable?
    /// The dataset, where it is one or carries one.
    let dataset: Artifact<DatasetArtifact>?
    /// The digest of the dataset that it is of.
    let datasetDigest: String?
    /// The attribution graphs, where it is some.
    let attributionGraph: AttributionGraphArtifact?
    /// It as an input of the step that reads it.
    let input: ProvenanceStep.Input
    /// The steps that made it.
    let provenance: Provenance

    /// Opens the artifact that `--like` names.
    package init(_ path: String) throws {
        let file = try ArtifactFile(path)
        name = file.name
        provenance = try file.provenance()
        var (model, graph, digest): (ModelReference?, GraphTable?, String?)
        var dataset: Artifact<DatasetArtifact>?
        var traced: AttributionGraphArtifact?
        switch file.header.kind {
        case .dataset:
            let read = try file.read(DatasetArtifact.self)
            (model, digest, dataset) = (read.content.model, read.digest, read)
        case .activationCache:
            let cache = try ActivationCache(file)
            (model, digest, dataset) = (cache.model, cache.dataset.digest, cache.dataset)
        case .circuit:
            let circuit = try file.circuit().content
            (model, graph, digest) = (circuit.model, circuit.graph, circuit.datasetDigest)
        case .edgeScores:
            let scores = try file.read(EdgeScoresArtifact.self).content
            (model, graph, digest) = (scores.model, scores.graph, scores.datasetDigest)
        case .attributionGraph:
            let graphs = try file.read(AttributionGraphArtifact.self).content
            (model, digest, traced) = (graphs.model, graphs.datasetDigest, graphs)
        default:
            throw Failure(
                .badData,
                "\(file.name): --like takes a dataset, a cache, a circuit, edge scores or attribution "
                    + "graphs, and this is of kind \(file.header.kind.rawValue)")
        }
        (self.model, self.graph, self.datasetDigest) = (model, graph, digest)
        (self.dataset, self.attributionGraph) = (dataset, traced)
        input = ProvenanceStep.Input(
            name: "like", kind: file.header.kind.rawValue, path: path, digest: file.header.digest)
    }

    /// The attribution graphs that it is.
    /// - Throws: ``Basics/Failure`` (usage) where it is something else.
    func requireAttributionGraph() throws(Failure) -> AttributionGraphArtifact {
        guard let attributionGraph else {
            throw Failure(
                .usage,
                "\(name): name with --like attribution graphs of the same model and transcoders")
        }
        return attributionGraph
    }
}
