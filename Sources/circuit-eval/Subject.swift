import Artifacts
import Basics
import Evaluation
import Experiments
import Graphs
import ToolSupport

/// What is judged: a circuit, or scores of edges.
struct Subject {
    /// The circuit, if it is one.
    var circuit: CircuitArtifact?
    /// Every circuit of the file: its runs, or the one it has; none of scores.
    var circuits: [NamedCircuit] = []
    /// Scores to take circuits of many sizes from: those of the artifact, or, of a circuit of
    /// several thresholds, the largest one that keeps an edge.
    var scores: [Float]?
    var perPair: DenseArray<Float>?
    /// Whether there are scores of neurons besides those of edges.
    var hasNeuronScores = false
    var graph: GraphTable
    var model: ModelReference?
    var metric: String
    var ablation: String
    var method: String
    var datasetDigest: String?
    var reference: ArtifactReference
    var input: ProvenanceStep.Input
    var provenance: Provenance

    init(_ file: ArtifactFile) throws {
        switch file.header.kind {
        case .circuit:
            let artifact = try file.circuit()
            let circuit = artifact.content
            let thresholds = Set(circuit.runs.map(\.threshold))
            self.circuit = circuit
            circuits = try artifact.circuits()
            method = circuit.method
            scores = thresholds.count > 1 ? circuit.thresholdScores : nil
            (graph, model) = (circuit.graph, circuit.model)
            (metric, ablation) = (circuit.metric, circuit.ablation)
            datasetDigest = circuit.datasetDigest
            (reference, input) = (artifact.reference, artifact.input("circuit"))
            provenance = artifact.provenance
        case .edgeScores:
            let artifact = try file.read(EdgeScoresArtifact.self)
            try artifact.requireAllEdges()
            let content = artifact.content
            (scores, perPair) = (content.scores, content.perPair)
            method = content.method
            hasNeuronScores = content.neuronScores != nil
            (graph, model) = (content.graph, content.model)
            (metric, ablation) = (content.metric, content.ablation)
            datasetDigest = content.datasetDigest
            (reference, input) = (artifact.reference, artifact.input("scores"))
            provenance = artifact.provenance
        default:
            throw Failure(
                .badData,
                "\(file.name): it is of kind \(file.header.kind.rawValue), and circuit or "
                    + "edge-scores is needed")
        }
    }

    /// What to call it in messages.
    var name: String { reference.path == "-" ? "standard input" : reference.path }
}

/// The known circuit that something is held against.
struct KnownTruth {
    var circuit: CircuitArtifact
    var reference: ArtifactReference
    var input: ProvenanceStep.Input
    var provenance: Provenance

    /// Reads a circuit from a file, or makes the one of this name.
    init(_ argument: String) throws {
        if let known = KnownCircuit(name: argument) {
            circuit = try CircuitArtifact(known)
            reference = ArtifactReference(
                kind: .circuit, digest: try circuit.digest(), path: argument)
            input = ProvenanceStep.Input(
                name: "truth", kind: ArtifactKind.circuit.rawValue, path: argument,
                digest: reference.digest)
            provenance = Provenance()
        } else {
            let artifact = try ArtifactFile(argument).circuit()
            circuit = artifact.content
            (reference, input) = (artifact.reference, artifact.input("truth"))
            provenance = artifact.provenance
        }
    }
}
