import ArgumentParser
import Artifacts
import Circuits
import Interchange
import Models
import ToolSupport

/// Circuits that need no model: from scores, and from papers.
extension CircuitPrune {
    /// Takes a circuit from the scores of edges.
    func prune(scoresIn file: ArtifactFile) throws {
        if let option = optionOfSearches {
            throw ToolError(
                .usage, "\(option) is for a search by ACDC, and \(file.name) has scores of edges")
        }
        let scores = try file.read(EdgeScoresArtifact.self)
        guard let size else {
            throw ToolError(.usage, "give one of --edges, --percent, --budget and --threshold")
        }
        if case .edges(let count) = size, count > scores.content.scores.count {
            throw ToolError(
                .usage, "--edges \(count): the graph has \(scores.content.scores.count) edges")
        }
        let destination = try output.destination(keeping: input.input)
        let circuit = try CircuitArtifact(
            EdgeSelection(size, greedy: greedy, absolute: absolute), from: scores.content,
            digest: scores.digest)
        verbosity.note(
            "\(circuit.nominalEdgeCount ?? 0) of \(circuit.inCircuit.count) edges taken, "
                + "\(circuit.inCircuit.count { $0 }) without loose ends")
        let provenance = try Provenance.appending(
            .thisRun(inputs: [scores.input("scores")]), to: [scores.provenance])
        try circuit.write(to: destination, provenance: provenance)
    }

    /// Writes a circuit that is known: from a paper, or as a list of edges of the model's graph.
    func write(known name: String) throws {
        let destination = try output.destination
        let circuit: CircuitArtifact
        var inputs: [ProvenanceStep.Input] = []
        if let model = model.model {
            let source = try ModelSource(model)
            circuit = try EdgeListFile.circuit(
                name, in: ComputationalGraph(source.configuration, ungroupedKeyValue: ungroupKv),
                of: source.reference())
            inputs = [try source.input()]
        } else {
            circuit = CircuitArtifact(try KnownCircuit(named: name))
        }
        let direct = try ComputationalGraph(circuit.graph).directEdgeCount(of: circuit.inCircuit)
        verbosity.note(
            "\(circuit.inCircuit.count { $0 }) of \(circuit.inCircuit.count) edges, and \(direct) "
                + "from inputs to their heads, which ACDC counts too")
        try circuit.write(to: destination, provenance: .appending(.thisRun(inputs: inputs)))
    }

    /// How many edges to take from scores, if the options say so.
    private var size: EdgeSelection.Size? {
        if let edges { return .edges(edges) }
        if let percent { return .share(percent / 100) }
        if let budget { return .budget(budget) }
        return threshold.map { .threshold($0) }
    }

    /// An option that was given and makes sense for a search only.
    private var optionOfSearches: String? {
        if thresholds != nil { return "--thresholds" }
        if metric != "kl" { return "--metric" }
        if ablation != "resample" { return "--ablation" }
        if order != "cli" { return "--order" }
        if ungroupKv { return "--ungroup-kv" }
        if oneByOne { return "--one-by-one" }
        return model.model == nil ? nil : "--model"
    }

    /// An option that was given and makes sense for scores only.
    var optionOfScores: String? {
        if percent != nil { return "--percent" }
        if budget != nil { return "--budget" }
        return greedy ? "--greedy" : nil
    }
}
