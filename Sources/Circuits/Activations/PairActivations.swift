public import Artifacts
public import Engine

/// The activations that circuit methods start from: what every sender puts out on the clean and on
/// the corrupted prompt of each pair, and what the full model predicts.
public struct PairActivations: Sendable {
    /// The pairs.
    public let dataset: DatasetArtifact
    /// Senders on the clean prompts.
    public let clean: SenderOutputs
    /// Senders on the corrupted prompts.
    public let corrupted: SenderOutputs
    /// The full model's logits at the end of each clean prompt, `[pair, d_vocab]`.
    public let cleanLogits: FloatBuffer
    /// What optimal ablation puts in the place of each sender's output, once it was fitted.
    public var constants: SenderConstants?

    /// Activations known from somewhere else, such as a cache.
    public init(
        dataset: DatasetArtifact, clean: SenderOutputs, corrupted: SenderOutputs,
        cleanLogits: FloatBuffer
    ) {
        self.dataset = dataset
        self.clean = clean
        self.corrupted = corrupted
        self.cleanLogits = cleanLogits
    }

    /// Whether the clean run was made, or only its embeddings are known.
    var hasCleanRun: Bool { !clean.mlp.isEmpty }

    /// Runs the model on the corrupted prompts, for a method that makes the clean run itself.
    /// - Throws: `EngineError` when the model can't read the prompts.
    init(
        runningCorruptedOf dataset: DatasetArtifact, with transformer: Transformer
    ) throws(EngineError) {
        let prompts = dataset.clean.ids
        try transformer.validate(prompts)
        let corrupted = try SenderOutputs.record(
            of: dataset.corrupted.ids, with: transformer, logits: .none)
        self.init(
            dataset: dataset,
            clean: SenderOutputs(
                layout: RowLayout(lengths: prompts.map(\.count)),
                input: transformer.embeddings(of: prompts), z: [], mlp: []),
            corrupted: corrupted.outputs, cleanLogits: FloatBuffer(count: 0))
    }

    /// Runs the model on both prompts of every pair.
    /// - Throws: `EngineError` when the model can't read the prompts.
    public init(running dataset: DatasetArtifact, with transformer: Transformer)
        throws(EngineError)
    {
        let (clean, logits) = try SenderOutputs.record(of: dataset.clean.ids, with: transformer)
        let corrupted = try SenderOutputs.record(
            of: dataset.corrupted.ids, with: transformer, logits: .none)
        self.init(
            dataset: dataset, clean: clean, corrupted: corrupted.outputs, cleanLogits: logits)
    }
}
