import Artifacts
import Basics
import Graphs
import ToolSupport

/// Circuits of stable edges.
extension PruneTool {
    /// Takes the edges that at least a share of samples or circuits have, as `circuit-eval
    /// --stability` has measured it.
    func prune(stabilityIn file: ArtifactFile, share: Double) throws {
        guard file.header.kind == .evaluation else {
            throw Failure(
                .badData,
                "\(file.name): it is of the kind \(file.header.kind.rawValue), and --consensus takes "
                    + "an evaluation by circuit-eval --stability, or attribution graphs")
        }
        try GivenOptions.ofThisRun.requireOnly(
            ["consensus"], because: "a circuit of stable edges is taken as they were measured")
        let evaluation = try file.read(EvaluationArtifact.self)
        let destination = try output.destination(keeping: input.input)
        let circuit: CircuitArtifact
        do {
            circuit = try CircuitArtifact(consensusOf: evaluation.content, share: share)
        } catch {
            throw Failure(error.kind, "\(evaluation.source): \(error.description)")
        }
        verbosity.note(
            "\(circuit.nominalEdgeCount ?? 0) of \(circuit.inCircuit.count) edges are in at least "
                + "\(share) of the samples or circuits, \(circuit.inCircuit.count { $0 }) without "
                + "loose ends")
        warnIfEmpty(circuit)
        let provenance = try Provenance.appending(
            .thisRun(inputs: [evaluation.input("stability")]), to: [evaluation.provenance])
        try circuit.write(to: destination, provenance: provenance)
    }
}
