import ArgumentParser
import Artifacts
import Basics
import Experiments
import ModelToolSupport
import Models
import Tasks
import ToolSupport

/// Makes a dataset: pairs of clean and corrupted prompts in a model's own tokens.
@main
struct PairsTool: ModelTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-pairs",
        abstract: "Make pairs of clean and corrupted prompts for a model: a task's, or your own.",
        discussion: """
            A task draws its pairs so that names and answers are single tokens of the model's \
            tokenizer and both prompts of a pair are equally long. --from reads JSONL and CSV \
            (clean, corrupted, answers, wrong_answers; or clean_ids, corrupted_ids, answer_ids, \
            wrong_answer_ids; in a CSV cell a list is JSON, or has | between its parts), \
            AutoCircuit's JSON, EAP-IG's CSV files, and datasets. docs/data.md describes them.

            --report runs the model: right is the share of pairs in which the answer is likelier \
            than every wrong answer, top that in which it is likelier than every other token. \
            --check gives a verdict, green, yellow or red, on everything that makes pairs good or \
            bad, and ends with status 1 if it is red.
            """,
        examples: [
            "circuit-pairs --list",
            "circuit-pairs ioi --model smollm2 -n 32 --seed 0 -o ioi.h5",
            "printf '%s\\n' clean,corrupted,answers,wrong_answers "
                + "'The capital of France is,The capital of Italy is, Paris, Rome' > pairs.csv",
            "circuit-pairs --from pairs.csv --model ./gpt2 -o pairs.h5",
            "circuit-pairs --from pairs.csv --model ./gpt2 --check",
            "circuit-pairs --from pairs.csv --model ./gpt2 --only-right -o right.h5",
            "circuit-pairs --from right.h5 --report --json | jq '.pairs[0]'",
            "circuit-pairs ioi --model smollm2 -n 32 | circuit-cache - "
                + "| circuit-prune --threshold 0.02 - | circuit-show -",
        ])

    @Argument(help: "The task, such as ioi; --list names them all.")
    var task: String?

    @Option(
        help: "Read pairs from this file, or dataset, instead; '-' is standard input.",
        completion: .file(extensions: ["jsonl", "json", "csv", "h5"]))
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

    @Flag(help: "Also run the model, and say how well it does the task, pair by pair.")
    var report = false

    @Flag(help: "Also run the model, and give a verdict on the pairs: green, yellow or red.")
    var check = false

    @Flag(help: "Keep only the pairs that the model gets right.")
    var onlyRight = false

    @Option(
        help: ArgumentHelp(
            "The metric of --report and --check: \(Metric.help) (default: the first of "
                + "logit-diff, nll, answer-log-prob and kl that the answers allow)."))
    var metric: Metric?

    @OptionGroup var json: JSONOptions

    @OptionGroup var top: TopOptions

    @OptionGroup var threads: ThreadOptions

    @Flag(help: "List the tasks.")
    var list = false

    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        if list {
            return try GivenOptions.ofThisRun.requireOnly(["list"], because: "tasks are listed")
        }
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
        if !report, !check {
            try GivenOptions.ofThisRun.refuse(
                ["metric", "json", "top"], because: "it is that of --report and --check")
            if !onlyRight {
                try GivenOptions.ofThisRun.refuse(
                    ["weights", "threads"], because: "the model isn't run")
            }
        }
        if json.json, output.output == "-", GivenOptions.ofThisRun.contains("output") {
            throw ValidationError(
                "standard output can't carry both the pairs and --json: give -o a file, or leave it out"
            )
        }
        if from != nil {
            try GivenOptions.ofThisRun.refuse(["seed"], because: "nothing is drawn from a file")
        } else {
            try model.requireName()
        }
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
        // A verdict comes alone unless the dataset is asked for, and a report on a terminal.
        let isReportOnly =
            !GivenOptions.ofThisRun.contains("output")
            && (check || report && (json.json || StandardStreams.outputIsTerminal))
        let destination = isReportOnly ? nil : try output.destination(keeping: from, model.model)
        var pairs = try pairSource.read()
        try destination?.check(keeps: [pairs.model.path])
        verbosity.detail(pairs.summary)
        var verdict = DatasetFinding.Verdict.green
        if report || check || onlyRight {
            let metric = metric ?? Metric.fitting(pairs.dataset)
            if self.metric == nil, report || check, metric != .logitDifference {
                verbosity.note("the metric is \(metric.label), which these answers allow")
            }
            let results = PairResults(
                pairs: pairs,
                report: try TaskReport(
                    of: pairs.dataset, metric: metric,
                    transformer: threads.transformer(of: pairs.model)),
                isChecked: check)
            for warning in results.report.warnings { Console.warning(warning) }
            if report || check {
                try results.print(
                    isJSON: json.json, limit: top.limit, showsPairs: report,
                    toStandardOutput: isReportOnly || output.output != "-")
            }
            verdict = results.verdict?.verdict ?? .green
            if onlyRight { try keepRight(of: &pairs, results.report) }
        }
        if let destination {
            try pairs.dataset.write(to: destination, provenance: pairs.provenance())
        }
        if verdict == .red { throw ExitCode(ExitStatus.no.rawValue) }
    }

    /// Where the pairs come from.
    private var pairSource: PairSource {
        get throws {
            PairSource(
                task: try task.map { $0 == "ioi" ? ioi.task : try PairTasks.named($0) }, file: from,
                model: model, count: count, seed: seed.seed, bos: bos.bos, skipsUnfit: skipUnfit,
                requiresSingleTokenAnswers: singleTokenAnswers, verbosity: verbosity)
        }
    }

    private func keepRight(of pairs: inout SourcePairs, _ report: TaskReport) throws(Failure) {
        let isRight = report.cleanOutcomes.map(\.isCorrect)
        if let pair = isRight.firstIndex(of: nil) {
            throw Failure(
                .badData, "\(pairs.location(of: pair)) has no answers, and --only-right needs them")
        }
        let kept = isRight.indices.filter { isRight[$0] == true }
        guard !kept.isEmpty else {
            throw Failure(.badData, "the model gets none of the \(isRight.count) pairs right")
        }
        verbosity.note("--only-right keeps \(kept.count) of \(isRight.count) pairs")
        pairs.keep(kept)
    }
}
