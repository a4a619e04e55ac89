import ArgumentParser
import Artifacts
import Basics
import Evaluation
import Experiments
import Graphs
import ModelToolSupport
import Presentation
import Tasks
import ToolSupport

/// Judges a circuit, or scores over circuit sizes.
@main
struct EvalTool: ModelTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-eval",
        abstract: "Say how good circuits are, or the scores that they are taken from.",
        discussion: """
            A circuit is run on pairs with everything else ablated: faithfulness is how much it \
            recovers of what lies between the ablated (0) and the full model (1). Scores are judged \
            over circuit sizes as the MIB benchmark does: CPR is the area under the faithfulness over \
            the nominal share of edges, circuits by signed score; CMD that of its distance from 1, by \
            absolute score. A circuit of several thresholds is judged as both: at each size by the \
            largest of its circuits that fits, against a known circuit by the largest threshold that \
            keeps an edge. Circuits and scores can be of any level: layers, heads, edges, edges at each \
            position; circuits also of single neurons. Against a known circuit (--truth) no model is \
            needed. Confidence intervals resample the pairs. Constants of optimal ablation are fitted \
            in as many steps, from the same seed, as when the circuit was found.

            Several files, or the runs of one, make a table of all their circuits: edges, metric and \
            faithfulness of each, and which are on the Pareto front (none is as good with fewer \
            edges); circuit-show --svg draws it. circuit.h5#2 is run 2 alone.

            --stability says which edges would be found again. Of scores with those of each pair \
            (circuit-score --per-pair): the share of samples of the pairs in which an edge is among the \
            best --best, and how much of the best is found from fewer pairs; of circuits: the share of \
            them that have it. circuit-prune --consensus makes a circuit of the stable edges.

            A circuit of features (circuit-prune --consensus of attribution graphs) is run with the features \
            outside it set to zero, or with --ablation resample to their activation on the corrupted \
            prompt, in the model as it is: errors of the transcoders stay, and everything reacts.

            Figures: edges, nodes: how many the circuit has; weighted-edges: each edge counted by the \
            share of its sender's neurons in the circuit, so it equals edges unless it is a circuit of \
            single neurons; metric-full, metric-corrupted, metric-circuit: the metric of the full \
            model, with everything ablated, and of the circuit. docs/evaluation.md has all formulas.
            """,
        examples: [
            "circuit-eval --pairs cache.h5 circuit.h5",
            "circuit-eval --pairs cache.h5 --minimality --completeness 10 circuit.h5 -o e.h5",
            "circuit-eval --pairs held-out.h5 --percent 0.1,1,10 --random 3 scores.h5",
            "circuit-eval --pairs held-out.h5 sweep.h5 other.h5 -o e.h5 && circuit-show --svg p.svg e.h5",
            "circuit-eval --truth ioi scores.h5",
            "circuit-score --per-pair -m eap-ig-inputs pairs.h5 -o s.h5",
            "circuit-eval --stability --best 100 --bootstrap 500 s.h5 -o stable.h5",
            "circuit-eval --stability seed0.h5 seed1.h5 seed2.h5 -o stable.h5",
            "circuit-score cache.h5 | circuit-eval --pairs cache.h5 --json - | jq .figures",
            "circuit-eval --pairs held-out.h5 --transcoders ./set features.h5",
        ])

    @Argument(
        help: """
            The circuits or scores to judge; '-' is standard input, circuit.h5#2 a run of a circuit.
            """,
        completion: .file(extensions: ["h5"]))
    var inputs = ["-"]

    @Option(
        help: "The pairs to run on: an activation cache or a dataset.",
        completion: .file(extensions: ["h5"]))
    var pairs: String?

    @Option(
        help: ArgumentHelp(
            "Hold it against this known circuit: a circuit artifact, or "
                + "\(KnownCircuit.listOfNames).",
            valueName: "circuit|name"),
        completion: .file(extensions: ["h5"]))
    var truth: String?

    @Option(
        help: ArgumentHelp(
            "The sizes of circuits from scores, in percent of all edges.",
            discussion: "By default those of the MIB benchmark: 0.1,0.2,0.5,1,2,5,10,20,50,100.",
            valueName: "list"))
    var percent: String?

    @Flag(help: "Take edges from the logits backwards, not from the whole graph.")
    var greedy = false

    @Option(
        help: ArgumentHelp(
            "The metric, if not that of the artifact: \(Metric.help)."))
    var metric: Metric?

    @Option(help: "What an edge outside the circuit carries, if not as the artifact says.")
    var ablation: Ablation?

    @Flag(help: "Say which edges would be found again: by other pairs, or in other circuits.")
    var stability = false

    @Option(
        help: ArgumentHelp(
            "With --stability: how many edges are taken from scores in each sample.",
            valueName: "edges"))
    var best: Int?

    @Flag(help: "Rank scores by their size, with --stability and in a table of several files.")
    var absolute = false

    @Flag(help: "Cut each edge of the circuit by itself.")
    var minimality = false

    @Option(help: "Knock out this many random parts of the circuit, in it and in the full model.")
    var completeness = 0

    @Option(help: "What is knocked out: edges or nodes.")
    var knockout = Knockouts.Level.edges

    @Option(help: "Random circuits to compare with, of each size.")
    var random = 0

    @Option(help: "Samples of pairs for confidence intervals; 0 for none.")
    var bootstrap = 1000

    @Option(help: "The level of the confidence intervals.")
    var confidence = 0.95

    @Option(
        name: .shortAndLong,
        help: "Write the evaluation to this artifact too; '-' writes it in place of the text.",
        completion: .file(extensions: ["h5"]))
    var output: String?

    @OptionGroup var top: TopOptions

    @OptionGroup var transcoders: TranscoderOptions
    @OptionGroup var optimal: OptimalAblationOptions
    @OptionGroup var json: JSONOptions
    @OptionGroup var seed: SeedOptions
    @OptionGroup var model: ModelOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var verbosity: VerbosityOptions

    func run() throws {
        let files = try inputs.map { try ArtifactFile($0) }
        let destination = try output.map { try ArtifactOutput($0) }
        try destination?.check(keeps: inputs + [pairs, truth, model.model])
        let (evaluation, provenance) =
            if files.count == 1, files[0].header.kind == .featureCircuit {
                try evaluate(featureCircuitIn: files[0])
            } else {
                try judge(files.map { try Subject($0) })
            }
        if output != "-" {
            try StandardOutput.print(
                json.json
                    ? ArtifactJSON.text(evaluation)
                    : Report(evaluation).text(limit: top.limit))
        }
        if let destination { try evaluation.write(to: destination, provenance: provenance) }
    }

    /// Judges what was given in the way that was asked for.
    private func judge(_ subjects: [Subject]) throws -> (EvaluationArtifact, Provenance) {
        try GivenOptions.ofThisRun.refuse(
            ["transcoders"], because: "it is for circuits of features")
        warnOfRepeats(among: subjects)
        if stability { return try stability(of: subjects) }
        if subjects.count > 1 { return try compare(subjects) }
        let known = try truth.map { try KnownTruth($0) }
        if pairs == nil, known == nil {
            throw Failure(.usage, "give the pairs to run it on with --pairs, or --truth")
        }
        let subject = subjects[0]
        if subject.circuits.count > 1, let circuit = subject.circuit {
            let main = circuit.mainRun.map { "run \($0) (\(circuit.summary(ofRun: $0)))" }
            verbosity.note(
                "\(subject.name) holds \(subject.circuits.count) runs: the figures are of "
                    + (main ?? "its main circuit")
                    + (pairs == nil ? "" : ", and a table has all runs"))
        }
        return try evaluate(subject, against: known)
    }

    /// The sizes of circuits from scores.
    var sizes: CircuitSizes {
        get throws { CircuitSizes(shares: try shares, greedy: greedy) }
    }

    /// The shares of `--percent`, ascending.
    var shares: [Double] {
        get throws {
            guard let percent else { return CircuitSizes.benchmarkShares }
            guard let values = CommaList(percent, keepsEmptyParts: true).differentNumbers,
                values.allSatisfy((0...100).contains)
            else {
                throw ValidationError(
                    "--percent '\(percent)' isn't a list of different percentages such as 0.1,1,10")
            }
            return values.sorted().map { $0 / 100 }
        }
    }

    /// How confidence intervals are made, if any.
    var resampling: EvaluationArtifact.Bootstrap? {
        bootstrap == 0
            ? nil
            : EvaluationArtifact.Bootstrap(
                samples: bootstrap, confidence: confidence,
                seed: Int(truncatingIfNeeded: seed.seed))
    }
}

extension Knockouts.Level: ExpressibleByArgument {}
