import ArgumentParser
import Basics
import Engine
import ModelToolSupport
import Models
import ToolSupport

/// Runs a model as it is: token ids, next-token logits, and what sort of model it is.
@main
struct RunTool: ModelTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-run",
        abstract: "Run a model on prompts: its tokens, and the likeliest next tokens.",
        discussion: """
            Prompts are arguments, or come by standard input as JSONL: {"text": ".."} or \
            {"ids": [..]} on each line. With --json every prompt is answered by one line. Prompts are \
            counted from 0, texts before --ids.
            """,
        examples: [
            "circuit-run --model smollm2 'When Mary and John went home, John gave a drink to'",
            "circuit-run --model smollm2 --tokens 'Hello world'",
            "circuit-run --model smollm2 --info",
            "circuit-run --model ./tiny --ids 5,17,3",
            #"echo '{"text": "Hello"}' | circuit-run --model smollm2 --top 20 --json | jq .top"#,
        ])

    @Argument(help: "Prompts as text. Without any, or with '-', they come by standard input.")
    var prompts: [String] = []

    @OptionGroup var ids: IDsOptions

    @OptionGroup var model: NamedModelOptions

    @Flag(help: "Print the token ids of the prompts, and don't run the model.")
    var tokens = false

    @Option(help: "How many of the likeliest next tokens to print (default: 10).")
    var top: Int?

    @Flag(help: "Print the model's family, shape, quantisation, digest, nodes and edges.")
    var info = false

    @OptionGroup var json: JSONOptions

    @Flag(help: "Standard input is plain text, a prompt a line.")
    var lines = false

    @OptionGroup var bos: BOSOptions

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var verbosity: VerbosityOptions

    private var readsInput: Bool { (prompts.isEmpty && ids.ids.isEmpty) || prompts == ["-"] }

    func validate() throws {
        try model.requireName()
        if let top, top < 0 { throw ValidationError("--top can't be negative") }
        if tokens, top != nil { throw ValidationError("--tokens and --top can't both be given") }
        if info, tokens || top != nil || !prompts.isEmpty || !ids.ids.isEmpty {
            throw ValidationError("--info takes no prompts, --tokens or --top")
        }
        if readsInput, !ids.ids.isEmpty {
            throw ValidationError("--ids and standard input can't both be given")
        }
        if lines, !readsInput { throw ValidationError("--lines goes with standard input") }
        if info || tokens {
            try GivenOptions.ofThisRun.refuse(
                ["threads", "weights"], because: "the model isn't run")
        }
    }

    func run() throws {
        let source = try model.source()
        if info {
            let summary = try ModelSummary(source)
            return try StandardOutput.print(
                json.json ? JSONText.line(summary) : summary.text)
        }
        let answer = try Answerer(
            source,
            output: RunOutput(
                text: NextTokensText(source.tokenizerForSpelling()), isJSON: json.json),
            top: tokens ? nil : top ?? 10, threads: threads)
        guard readsInput else {
            return try answer(
                PromptReader.prompts(texts: prompts, ids: ids.ids, by: source, addBOS: bos.bos))
        }
        var reader = try PromptReader(source, addBOS: bos.bos)
        reader.readsPlainLines = lines
        var input = try InputLines(expecting: "prompts")
        while true {
            let lines = try input.next(Answerer.mostAtOnce)
            if lines.isEmpty { break }
            try answer(lines.compactMap { try reader.prompt(line: $0) })
            try StandardOutput.flush()
        }
    }
}

/// Answers prompts; the model's weights are read only where the answer needs them.
private struct Answerer {
    /// Prompts that are run together: their logits must fit in memory.
    static let mostAtOnce = 64

    let output: RunOutput
    let top: Int?
    private let transformer: Transformer?

    init(_ source: ModelSource, output: RunOutput, top: Int?, threads: ThreadOptions) throws {
        self.output = output
        self.top = top
        transformer = top == nil ? nil : try threads.transformer(of: source)
    }

    func callAsFunction(_ prompts: [Prompt]) throws {
        guard let transformer, let top else {
            for prompt in prompts { try StandardOutput.print(output.tokens(of: prompt)) }
            return
        }
        for prompt in prompts { try transformer.validate([prompt.ids]) { _ in prompt.place } }
        for first in stride(from: 0, to: prompts.count, by: Self.mostAtOnce) {
            let batch = prompts[first..<min(first + Self.mostAtOnce, prompts.count)]
            let answers = try transformer.nextTokens(after: batch.map(\.ids), count: top)
            for (prompt, next) in zip(batch, answers) {
                guard next.isFinite else {
                    throw Failure(
                        .badData,
                        "\(prompt.place): the logits are infinite or not a number: the model's "
                            + "numbers overflow; its weights are damaged, or not meant for float32")
                }
                try StandardOutput.print(output.top(next, after: prompt))
            }
        }
    }
}
