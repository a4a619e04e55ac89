import ArgumentParser
import Artifacts
import Basics
import Experiments
import Interchange
import ModelToolSupport
import Models
import Tasks
import ToolSupport

/// Makes a dataset: pairs of clean and corrupted prompts in a model's own tokens.
@main
struct PairsTool: CircuitTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-pairs",
        abstract: "Make pairs of clean and corrupted prompts for a model: a task's, or your own.",
        discussion: """
            A task draws its pairs so that names and answers are single tokens of the model's \
            tokenizer and both prompts of a pair are equally long. --from reads JSONL and CSV \
            (clean, corrupted, answers, wrong_answers; or clean_ids, corrupted_ids, answer_ids, \
            wrong_answer_ids; in a CSV cell a list is JSON, or has | between its parts), \
            AutoCircuit's JSON, and EAP-IG's CSV files. docs/data.md describes them.
            """,
        examples: [
            "circuit-pairs --list",
            "circuit-pairs ioi --model smollm2 -n 32 --seed 0 -o ioi.h5",
            "printf '%s\\n' clean,corrupted,answers,wrong_answers "
                + "'The capital of France is,The capital of Italy is, Paris, Rome' > pairs.csv",
            "circuit-pairs --from pairs.csv --model ./gpt2 -o pairs.h5",
            "circuit-pairs ioi --model smollm2 -n 32 | circuit-cache - "
                + "| circuit-prune --threshold 0.02 - | circuit-show -",
        ])

    @Argument(help: "The task: ioi, greater-than, gendered-pronoun or induction.")
    var task: String?

    @Option(
        help: "Read pairs from this file instead; '-' is standard input.",
        completion: .file(extensions: ["jsonl", "json", "csv"]))
    var from: String?

    @OptionGroup var model: NamedModelOptions
    @OptionGroup var output: OutputOptions

    @Option(
        name: [.customShort("n"), .customLong("count")],
        help: "How many pairs (default: 32 of a task, all of a file).")
    var count: Int?

    @OptionGroup var seed: SeedOptions

    @OptionGroup var bos: BOSOptions

    @OptionGroup var ioi: IOIOptions

    @Flag(help: "Leave out pairs of the file that don't fit the model, and say how many.")
    var skipUnfit = false

    @Flag(help: "Refuse answers of several tokens, which logit-diff and prob-diff don't take.")
    var singleTokenAnswers = false

    @Flag(help: "Also run the model, and say how well it does the task.")
    var report = false

    @Option(help: "The report's metric: \(Metric.listOfNames).")
    var metric = Metric.logitDifference

    @OptionGroup var threads: ThreadOptions

    @Flag(help: "List the tasks.")
    var list = false

    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        if list { return }
        switch (task, from) {
        case (nil, nil): throw ValidationError("name a task (--list shows them), or give --from")
        case (_?, _?): throw ValidationError("a task and --from can't both be given")
        case (let task?, nil):
            if skipUnfit { throw ValidationError("--skip-unfit goes with --from") }
            if task != "ioi", ioi.isGiven {
                throw ValidationError("--order, --corruption and --templates go with ioi")
            }
        case (nil, _?):
            if ioi.isGiven {
                throw ValidationError("--order, --corruption and --templates go with ioi")
            }
        }
        if !report {
            try GivenOptions.ofThisRun.refuse(["metric"], because: "it is that of --report")
        }
        if from != nil {
            try GivenOptions.ofThisRun.refuse(["seed"], because: "nothing is drawn from a file")
        }
        try model.requireName()
        if let count, !(1...1_000_000).contains(count) {
            throw ValidationError("-n must be from 1 to 1000000, not \(count)")
        }
    }

    func run() throws {
        if list {
            for task in PairTasks.all {
                let name = task.name.padding(to: 18)
                try StandardOutput.print(name + task.summary)
            }
            return
        }
        // A report may go to the terminal alone.
        let isReportOnly = report && output.output == "-" && StandardStreams.outputIsTerminal
        let destination = isReportOnly ? nil : try output.destination(keeping: from, model.model)
        let task = try task.map { $0 == "ioi" ? ioi.task : try PairTasks.named($0) }
        let source = try model.source()
        try destination?.check(keeps: [source.path])
        let tokenizer = try PairTokenizer(
            vocabulary: TaskVocabulary(
                tokenizer: try source.tokenizer(), size: source.configuration.dVocab),
            contextLength: source.configuration.nContext, addBOS: bos.bos,
            requiresSingleTokenAnswers: singleTokenAnswers)

        let pairs: [TokenizedPair]
        var inputs = [
            ProvenanceStep.Input(
                name: "model", kind: "model", path: source.path, digest: try source.digest())
        ]
        if let task {
            pairs = try task.draw(count ?? 32, seed: seed.seed, with: tokenizer)
        } else {
            pairs = try readPairs(tokenizer)
            inputs.append(
                ProvenanceStep.Input(name: "pairs", kind: "file", path: from ?? "", digest: nil))
        }
        let dataset = DatasetArtifact(
            pairs, task: task?.name ?? from ?? "", seed: task == nil ? nil : seed.seed,
            model: ModelReference(
                name: source.name, path: source.path, digest: try source.digest(),
                family: source.configuration.family.rawValue),
            tokenizer: tokenizer)
        verbosity.detail(describe(pairs))
        if report {
            let report = try TaskReport(
                of: dataset, metric: metric,
                transformer: threads.transformer(of: source))
            try report.print(toStandardOutput: isReportOnly || output.output != "-")
        }
        guard let destination else { return }
        try dataset.write(
            to: destination,
            provenance: Provenance.appending(
                .thisRun(
                    inputs: inputs, modelDigest: try source.digest(), seed: dataset.seed),
                to: []))
    }

    /// The pairs of `--from`, telling the user what was left out and what metrics may not take.
    private func readPairs(_ tokenizer: PairTokenizer) throws -> [TokenizedPair] {
        let path = from ?? "-"
        if path == "-", StandardStreams.inputIsTerminal {
            throw Failure(
                .usage, "standard input is a terminal; give --from a file, or pipe one in")
        }
        let file = try PairFile.read(path)
        let made = try file.tokenized(
            with: tokenizer, count: count, skippingUnfit: skipUnfit)
        if let first = made.unfit.first {
            verbosity.note("left out \(made.unfit.count) pairs that don't fit; the first: \(first)")
        }
        for warning in file.warnings + made.warnings { Console.warning(warning) }
        let long = made.pairs.filter { pair in
            (pair.answers + pair.wrongAnswers).contains { $0.count > 1 }
        }
        if !long.isEmpty {
            verbosity.note(
                "\(long.count) pairs have answers of several tokens, which logit-diff and prob-diff"
                    + " don't take (--single-token-answers refuses them)")
        }
        let bare = made.pairs.count { $0.answers.isEmpty }
        if bare > 0 {
            verbosity.note(
                "\(bare) of \(made.pairs.count) pairs have no answers: only the metrics "
                    + Metric.allCases.filter { !$0.needsAnswers }.map(\.name).joined(
                        separator: ", ") + " take them")
        }
        verbosity.detail("read \(made.pairs.count) pairs: \(file.format.name)")
        return made.pairs
    }

    private func describe(_ pairs: [TokenizedPair]) -> String {
        let lengths = pairs.map(\.clean.count)
        return "\(pairs.count) pairs of \(lengths.min() ?? 0) to \(lengths.max() ?? 0) tokens"
    }
}
