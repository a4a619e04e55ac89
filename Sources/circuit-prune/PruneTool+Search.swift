import ArgumentParser
import Artifacts
import Basics
import Discovery
import Engine
import Experiments
import Graphs
import ModelToolSupport
import Models
import ToolSupport

extension PruneTool {
    /// Searches by ACDC.
    func search(pairsIn file: ArtifactFile, at choice: ThresholdChoice) throws {
        try experiment.requireUse()
        let pairs = try PairInput(file)
        let destination = try output.destination(keeping: input.input, model.model, start)
        let source = try model.source(of: pairs.dataset.model, namedBy: pairs.source)
        try destination.check(keeps: [source.path])
        let start = try start.map { try ArtifactFile($0).circuit() }
        if let note = start?.noteOfMainRun { verbosity.note(note) }
        if let own = start?.content.model?.digest, own != pairs.dataset.model.digest {
            Console.warning(
                "\(start?.source ?? ""): it is a circuit of another model than the pairs are for; its "
                    + "edges are taken by name")
        }
        if case .edgeCount(let wanted) = choice {
            try requireEnoughEdges(wanted, experiment.graph(of: source.configuration), pairs)
        }
        let searches = try searches(pairs, source, startingFrom: start)
        let begin = ContinuousClock.now
        var pruning = Pruning(
            searches: searches,
            journal: try journal(
                of: destination, pairs, modelDigest: source.digest(), searches[0].start),
            deadline: timeLimit.map(Deadline.init(minutes:)), verbosity: verbosity)
        let circuit: CircuitArtifact
        do {
            try pruning.run(choice)
            try pairs.requireUnchanged()
            pruning.report(in: ContinuousClock.now - begin)
            circuit = try pruning.artifact(
                model: pairs.dataset.model, datasetDigest: pairs.datasetDigest,
                cacheDigest: pairs.cacheDigest)
        } catch let failure as Failure where failure.kind == .badData {
            // The same search would end the same way: there is nothing to go on with.
            pruning.closeJournal()
            throw failure
        }
        let provenance = try Provenance.appending(
            .thisRun(
                inputs: pairs.inputs + (start.map { [$0.input("start")] } ?? []), of: source,
                seed: experiment.optimal.seed(for: experiment.ablation), threads: threads),
            to: [pairs.provenance] + (start.map { [$0.provenance] } ?? []))
        if pruning.isUnfinished, hasMore(than: circuit, for: choice) {
            Console.warning(
                "\(output.output) has more of the same search, made in more time: it is left as it is "
                    + "(another -o takes what was found now)")
        } else {
            _ = try circuit.write(to: destination, provenance: provenance)
            warnIfEmpty(circuit)
        }
        pruning.closeJournal()
    }

    /// Whether the output is a circuit that the same search found in more time: one whose size is
    /// nearer to the one that is wanted, or with more runs.
    private func hasMore(than circuit: CircuitArtifact, for choice: ThresholdChoice) -> Bool {
        guard start == nil, let old = try? ArtifactFile(whole: output.output).circuit().content,
            old.model?.digest == circuit.model?.digest, old.method == circuit.method,
            old.datasetDigest == circuit.datasetDigest, old.graph == circuit.graph,
            old.metric == circuit.metric, old.ablation == circuit.ablation,
            old.order == circuit.order
        else { return false }
        if case .edgeCount(let wanted) = choice {
            let (gap, oldGap) = (circuit.gap(to: wanted), old.gap(to: wanted))
            if gap != oldGap { return oldGap < gap }
        }
        return max(1, old.runs.count) > max(1, circuit.runs.count)
    }

    /// Refuses to look for more edges than there are.
    private func requireEnoughEdges(
        _ wanted: Int, _ graph: ComputationalGraph, _ pairs: PairInput
    ) throws {
        // By position the graph is known when the pairs are read; there are more edges in any case.
        let edgeCount = try LeveledGraph(graph, at: level).table.edgeCount
        if !positions, wanted > edgeCount {
            throw Failure(.usage, "--edges \(wanted): the graph has \(edgeCount) edges")
        }
    }

    /// A search for each order. Activations that searches don't need are let go.
    private func searches(
        _ pairs: PairInput, _ source: ModelSource, startingFrom start: Artifact<CircuitArtifact>?
    ) throws -> [ACDC] {
        let experiment = try experiment.open(
            pairs, with: threads.transformer(of: source), verbosity: verbosity)
        if positions { pairs.warnOfMovingPositions() }
        let lengths = experiment.clean.layout.lengths
        let leveled = try LeveledGraph(
            experiment.graph, at: level, forPromptsOf: positions ? lengths : nil)
        let begin = try start.map { start in
            try Self.naming(start.source) { () throws(Failure) in
                if start.content.neurons != nil {
                    throw Failure(.usage, "it is a circuit of neurons, and edges are searched")
                }
                return try leveled.circuit(
                    start.content.inCircuit,
                    of: LeveledGraph(
                        start.content.graph, of: experiment.graph, forPromptsOf: lengths))
            }
        }
        return order.orders.map { order in
            ACDC(
                experiment, at: leveled, startingFrom: begin,
                options: ACDC.Options(
                    order: order, absolute: absolute, speculative: !oneByOne,
                    sampling: sampling.value))
        }
    }

    /// Names the file that a failure is about.
    private static func naming<Value>(
        _ source: String, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        do {
            return try body()
        } catch {
            throw Failure(error.kind, "\(source): \(error.description)")
        }
    }

    /// Properties of options that no decision depends on: where the result goes, what is said, how
    /// many threads compute, and for how long. Of the input and the model the digests count, not the
    /// paths.
    private static let optionsWithoutEffect: Set = [
        "input", "model", "output", "threads", "verbosity", "timeLimit", "restart", "start",
    ]

    /// The journal beside the output file; none for standard output, a pipe or a device. From here
    /// on an interruption says where the work lies.
    private func journal(
        of destination: ArtifactOutput, _ pairs: PairInput, modelDigest: String,
        _ start: [Bool]?
    ) throws -> DecisionJournal? {
        if destination.isStream {
            if restart {
                throw ValidationError("--restart has no use here: only a file has a journal")
            }
            Interruption.say {
                "interrupted; nothing is kept of a search whose output is no file: with -o FILE the "
                    + "same command goes on where it stood"
            }
            return nil
        }
        let command = ProvenanceStep.thisRun().commandLine
        let journal = try DecisionJournal(
            forOutput: output.output,
            inputsDigest: DecisionJournal.inputsDigest(
                [
                    ToolVersion.current, pairs.datasetDigest, pairs.cacheDigest ?? "", modelDigest,
                    BLAS.kernel, threads.precision.weights.rawValue,
                    start.map { $0.map { $0 ? "1" : "0" }.joined() } ?? "",
                ] + optionValues(except: Self.optionsWithoutEffect)),
            command: command, startingAnew: restart)
        if !journal.isLocked {
            Console.warning(
                "\(journal.path): this file system has no locks; start no other search with the same "
                    + "output until this one is done")
        }
        let location = journal.location
        Interruption.say {
            location.decisionCount.map { count in
                "interrupted; \(count) decisions are kept in \(location.path), and the same command "
                    + "goes on with them: \(command)"
            }
        }
        if !journal.resumed.isEmpty {
            verbosity.note("going on after \(journal.resumed.count) decisions of \(journal.path)")
        } else if journal.discardedCount > 0 {
            verbosity.note("discarded \(journal.discardedCount) decisions of \(journal.path)")
        }
        return journal
    }
}

extension CircuitArtifact {
    /// By how many edges it misses a size.
    fileprivate func gap(to size: Int) -> Int { abs(inCircuit.count { $0 } - size) }
}
