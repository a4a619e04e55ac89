import ArgumentParser
import Basics
import Discovery
import Engine
import Graphs
import ModelToolSupport
import Models
import ToolSupport

/// Changes features, adds steering vectors, and shows what the model says then.
@main
struct SteerTool: ModelTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-steer",
        abstract: "Change features or add steering vectors, and see what the model expects next.",
        discussion: """
            A feature of a transcoder is named as in attribution graphs, with its position: \
            m1.f17@5, from a position on m1.f17@5:, at some m1.f17@2:5. --set gives its new \
            activation, or with x so many times its own. Modes, as in circuit-tracer: \
            frozen-attention lets all but attention patterns react, open lets everything react, \
            direct nothing, which is what a graph's edges say; layers:0:2 holds the MLPs of layers 0 \
            and 1. --vector adds steering vectors, scaled, to the model's activations; without --mode \
            and --set everything reacts to them.
            """,
        examples: [
            "circuit-steer --model ./m --transcoders ./set --set m1.f17@5=0 'The capital of Texas is'",
            "circuit-steer --model ./m --transcoders ./set --set m1.f17@5:=x2 --tokens 8 'Hello'",
            "circuit-steer --model ./m --transcoders ./set --ids 2,17,93 --set m0.f3@2=4 "
                + "--mode direct --top 5 --json | jq .steered.top",
            "circuit-steer --model ./m --vector v.h5 --scale 4 --tokens 20 'I think that'",
            "circuit-steer --model ./m --vector control.gguf --scale -1.5 --positions -1: --tokens 20 "
                + "'I think that'",
        ])

    @Argument(help: "Prompts as text.")
    var prompts: [String] = []

    @OptionGroup var ids: IDsOptions

    @OptionGroup var model: NamedModelOptions
    @OptionGroup var transcoders: TranscoderOptions

    @Option(
        help: ArgumentHelp(
            "A feature's new activation: m1.f17@5=0, m1.f17@5=x2. Can be given several times.",
            valueName: "change"))
    var set: [String] = []

    @Option(
        help: ArgumentHelp(
            "What reacts: frozen-attention, open, direct, or layers:FIRST:END (default: "
                + "frozen-attention; open without --set).", valueName: "mode"))
    var mode: String?

    @OptionGroup var vectors: VectorOptions

    @Option(help: "How many tokens to generate, the likeliest each time.")
    var tokens = 0

    @Option(help: "How many of the likeliest next tokens to print.")
    var top = 10

    @OptionGroup var json: JSONOptions
    @OptionGroup var bos: BOSOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var verbosity: VerbosityOptions

    func validate() throws {
        try model.requireName()
        if prompts.isEmpty, ids.ids.isEmpty {
            throw ValidationError("give a prompt: a text, or --ids")
        }
        if set.isEmpty, vectors.vector.isEmpty {
            throw ValidationError("say what changes: features with --set, or --vector")
        }
        if transcoders.transcoders == nil {
            if !set.isEmpty {
                throw ValidationError("name the transcoders' folder with --transcoders")
            }
            if mode != nil {
                throw ValidationError(
                    "--mode needs --transcoders: it says what stays as it was, and how far what they "
                        + "replace does; without them everything reacts to a vector")
            }
        } else if set.isEmpty, mode == nil {
            throw ValidationError("--transcoders goes with --set or --mode")
        }
        guard let mode = chosenMode else {
            throw ValidationError(
                "--mode is frozen-attention, open, direct or layers:0:2, not '\(mode ?? "")'")
        }
        if top < 0 { throw ValidationError("--top can't be negative") }
        if !(0...1_000_000).contains(tokens) {
            throw ValidationError("--tokens must be from 0 to 1000000, not \(tokens)")
        }
        if tokens > 0, mode == .direct {
            throw ValidationError(
                "--tokens goes with another mode than direct, which is of the prompt alone")
        }
        _ = try changes()
    }

    private var chosenMode: InterventionMode? { InterventionMode(mode ?? "frozen-attention") }

    func run() throws {
        let source = try model.source()
        let set = try transcoders.transcoders == nil ? nil : transcoders.set(for: source)
        let given = try PromptReader.prompts(
            texts: prompts, ids: ids.ids, by: source, addBOS: bos.bos)
        let transformer = try threads.transformer(of: source)
        let additions = try vectors.additions(to: transformer, of: source)
        if let set { try chosenMode?.validate(in: set) }
        let output = SteerOutput(
            spelling: NextTokensText(source.tokenizerForSpelling()), isJSON: json.json, top: top,
            names: vectors.vector, additions: additions)
        // All prompts before anything is computed: what is generated last isn't read any more.
        for prompt in given {
            try transformer.validate([prompt.ids]) { _ in prompt.place }
            try transformer.validate(
                length: prompt.ids.count + max(0, tokens - 1),
                name: "\(prompt.place), with what is generated,")
        }
        for prompt in given {
            let pass = VectorPass(additions, length: prompt.ids.count)
            for index in pass.idleAdditions {
                Console.warning(
                    "\(prompt.place) has no positions \(additions[index].positions.name), so "
                        + "\(vectors.vector[index]) is added nowhere")
            }
            let clean: [Float]
            let steered: (logits: [Float], tokens: [Int32])
            if let set {
                let run = try FrozenRun(prompt.ids, with: transformer, outputHook: set.outputHook)
                let changes = try changes()
                let intervention = try FeatureIntervention(changes, on: run, set)
                warn(changes, intervention)
                clean = run.logits()
                steered = try intervention.generate(
                    tokens, chosenMode ?? .open, adding: additions.isEmpty ? nil : pass)
            } else {
                clean = try transformer.logits(of: [prompt.ids]).array
                steered = try transformer.generate(
                    tokens, after: prompt.ids, adding: pass)
            }
            try StandardOutput.print(
                output.text(
                    of: prompt, clean: clean, steered: steered.logits, generated: steered.tokens,
                    pass))
        }
    }

    /// Says what has no effect.
    private func warn(_ changes: [FeatureChange], _ intervention: FeatureIntervention) {
        let workspace = Workspace(blockSize: 1 << 14)
        for change in changes {
            guard case .multiply = change.value else { continue }
            let place = change.place
            let isActive = place.positions(below: intervention.run.length).contains {
                intervention.cleanActivation(
                    layer: place.layer, feature: place.feature, position: $0,
                    workspace: workspace) != 0
            }
            if !isActive {
                Console.warning("\(place.name) isn't active, so multiplying it changes nothing")
            }
        }
    }

    private func changes() throws -> [FeatureChange] {
        try set.map { text in
            let parts = text.split(separator: "=", omittingEmptySubsequences: false)
            let isFactor = parts.last?.hasPrefix("x") == true
            guard parts.count == 2, let place = FeaturePlace(parts[0]),
                let number = Float(isFactor ? parts[1].dropFirst() : parts[1]), number.isFinite
            else {
                throw ValidationError(
                    "--set: '\(text)' isn't a change such as m1.f17@5=0 or m1.f17@5=x2")
            }
            return FeatureChange(place, isFactor ? .multiply(number) : .set(number))
        }
    }
}
