import ArgumentParser
import Artifacts
import Basics
import Discovery
import Experiments
import Graphs
import Interchange
import ModelToolSupport
import Models
import ToolSupport

/// Circuits that need no model: from scores, and from papers.
extension PruneTool {
    /// Takes a circuit from the scores of edges.
    func prune(scoresIn file: ArtifactFile) throws {
        try GivenOptions.ofThisRun.requireOnly(
            ["threshold", "edges", "percent", "budget", "nodes", "neurons", "greedy", "absolute"],
            because: "\(file.name) has scores of edges, and nothing is run or searched")
        let scores = try file.read(EdgeScoresArtifact.self)
        try scores.requireAllEdges()
        let destination = try output.destination(keeping: input.input)
        let circuit = try circuit(from: scores)
        verbosity.note(
            "\(circuit.nominalEdgeCount ?? 0) of \(circuit.inCircuit.count) edges taken, "
                + "\(circuit.inCircuit.count { $0 }) without loose ends")
        warnIfEmpty(circuit)
        warnIfScattered(circuit)
        let provenance = try Provenance.appending(
            .thisRun(inputs: [scores.input("scores")]), to: [scores.provenance])
        try circuit.write(to: destination, provenance: provenance)
    }

    /// The circuit that the options take from scores.
    private func circuit(from scores: Artifact<EdgeScoresArtifact>) throws -> CircuitArtifact {
        let content = scores.content
        if let selection = nodeSelection {
            try GivenOptions.ofThisRun.refuse(
                ["greedy"], because: "it takes edges, not \(selection.unit.rawValue)")
            if selection.unit == .nodes, content.nodeScores == nil {
                try ScoringMethods.find(content.method)?
                    .requireAdditivity(for: "a circuit of nodes")
            }
            return try CircuitArtifact(selection, from: content, digest: scores.digest)
        }
        guard let size else {
            throw Failure(
                .usage,
                "give one of --edges, --percent, --budget, --threshold, --nodes and --neurons")
        }
        if case .edges(let count) = size, count > content.scores.count {
            throw Failure(
                .usage, "--edges \(count): the graph has \(content.scores.count) edges")
        }
        return try CircuitArtifact(
            EdgeSelection(size, greedy: greedy, absolute: absolute), from: content,
            digest: scores.digest)
    }

    /// How many nodes or neurons to take, if the options say so.
    private var nodeSelection: NodeSelection? {
        if let nodes { return NodeSelection(.nodes, count: nodes, absolute: absolute) }
        return neurons.map { NodeSelection(.neurons, count: $0, absolute: absolute) }
    }

    /// Writes a circuit that is known: from a paper, or as a list of edges of the model's graph.
    func write(known name: String) throws {
        if input.input != "-" {
            throw Failure(.usage, "\(input.input) has no use here: --known takes no input")
        }
        let destination = try output.destination(keeping: name, model.model)
        let circuit: CircuitArtifact
        var inputs: [ProvenanceStep.Input] = []
        if let model = model.model {
            try requireList(name)
            let source = try ModelSource(model)
            circuit = try EdgeListFile.circuit(
                name, in: experiment.graph(of: source.configuration),
                of: source.reference())
            inputs = [try source.input()]
        } else {
            circuit = try CircuitArtifact(builtIn(name))
        }
        let direct = try ComputationalGraph(circuit.graph).directEdgeCount(of: circuit.inCircuit)
        verbosity.note(
            "\(circuit.inCircuit.count { $0 }) of \(circuit.inCircuit.count) edges, and \(direct) "
                + "from inputs to their heads, which ACDC counts too")
        try circuit.write(to: destination, provenance: .appending(.thisRun(inputs: inputs)))
    }

    /// The circuit of this name, which is all that the command line may say of it.
    private func builtIn(_ name: String) throws -> KnownCircuit {
        guard let known = KnownCircuit(name: name) else {
            throw Failure(
                .usage,
                "there is no known circuit '\(name)': choose \(KnownCircuit.offer), or say with "
                    + "--model which model a list of edges is of")
        }
        try GivenOptions.ofThisRun.requireOnly(
            ["known"], because: "\(name) is built in, and written as it is")
        return known
    }

    /// Refuses what has no use with a list of edges, and the name of a built-in circuit.
    private func requireList(_ name: String) throws {
        if KnownCircuit(name: name) != nil {
            throw Failure(
                .usage,
                "\(name) is a built-in circuit, of a model of its own: leave out --model (a list in "
                    + "a file of this name is ./\(name))")
        }
        try GivenOptions.ofThisRun.requireOnly(
            ["known", "model", "ungroup-kv"], because: "\(name) is written as it is")
    }

    /// Warns of a circuit that nothing can be done with.
    func warnIfEmpty(_ circuit: CircuitArtifact) {
        guard !circuit.inCircuit.contains(true) else { return }
        let taken = circuit.nominalEdgeCount ?? 0
        Console.warning(
            taken > 0
                ? "the circuit has no edges: the \(taken) that were taken don't join the input to the "
                    + "logits"
                    + (circuit.order == "signed"
                        ? "; --absolute takes the strongest, whatever their sign, and --greedy only "
                            + "what is joined"
                        : "; take more, or --greedy, which takes only what is joined")
                : "the circuit has no edges: take a lower threshold, or more of them")
    }

    /// Warns where few of the edges that were taken are joined to both input and logits.
    private func warnIfScattered(_ circuit: CircuitArtifact) {
        let (kept, taken) = (circuit.inCircuit.count { $0 }, circuit.nominalEdgeCount ?? 0)
        guard circuit.order == "signed", kept > 0, 2 * kept < taken else { return }
        Console.warning(
            "only \(kept) of the \(taken) edges that were taken join the input to the logits; "
                + "--absolute takes the strongest, whatever their sign, and --greedy only what is "
                + "joined")
    }

    /// How many edges to take from scores, if the options say so.
    private var size: EdgeSelection.Size? {
        if let edges { return .edges(edges) }
        if let percent { return .share(percent / 100) }
        if let budget { return .budget(budget) }
        return threshold.map { .threshold($0) }
    }
}
