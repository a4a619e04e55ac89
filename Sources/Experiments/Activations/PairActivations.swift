package import Artifacts
package import Basics
package import Engine

/// The activations that circuit methods start from: every sender's output on the clean and on the
/// corrupted prompt of each pair, and the full model's logits.
package struct PairActivations: Sendable {
    /// The pairs.
    package let dataset: DatasetArtifact
    /// Senders on the clean prompts.
    package let clean: SenderOutputs
    /// Senders on the corrupted prompts.
    package let corrupted: SenderOutputs
    /// The full model's logits at the end of each clean prompt, `[pair, d_vocab]`.
    package let cleanLogits: FloatBuffer
    /// The constants of optimal ablation, one for each sender's output, once they were fitted.
    package var constants: SenderConstants?
    /// The run of the model that wasn't made, because the first pass of a scoring method is that run
    /// and records what senders output: here only the embeddings of its prompts are known. Nil where
    /// both runs are recorded, which all other methods need.
    package let unrecordedRun: ActivationRun?

    /// Activations known from somewhere else, such as a cache.
    package init(
        dataset: DatasetArtifact, clean: SenderOutputs, corrupted: SenderOutputs,
        cleanLogits: FloatBuffer
    ) {
        self.init(
            dataset: dataset, clean: clean, corrupted: corrupted, cleanLogits: cleanLogits,
            unrecordedRun: nil)
    }

    private init(
        dataset: DatasetArtifact, clean: SenderOutputs, corrupted: SenderOutputs,
        cleanLogits: FloatBuffer, unrecordedRun: ActivationRun?
    ) {
        self.dataset = dataset
        self.clean = clean
        self.corrupted = corrupted
        self.cleanLogits = cleanLogits
        self.unrecordedRun = unrecordedRun
    }

    /// Runs the model on both prompts of every pair.
    /// - Throws: `Failure` when the model can't read the prompts.
    package init(running dataset: DatasetArtifact, with transformer: Transformer)
        throws(Failure)
    {
        try self.init(running: dataset, except: nil, with: transformer)
    }

    /// Runs the model on the prompts of every pair, but for a run that a method makes itself.
    /// - Parameter unrecordedRun: that run, of which only the embeddings are computed.
    /// - Throws: `Failure` when the model can't read the prompts, and (bad data) where its numbers
    ///   overflow on them.
    package init(
        running dataset: DatasetArtifact, except unrecordedRun: ActivationRun?,
        with transformer: Transformer
    ) throws(Failure) {
        func record(
            _ run: ActivationRun, _ prompts: [[Int32]], logits: Transformer.LogitRows
        ) throws(Failure) -> (outputs: SenderOutputs, logits: FloatBuffer) {
            guard run == unrecordedRun else {
                return try SenderOutputs.record(of: prompts, with: transformer, logits: logits)
            }
            try transformer.validate(prompts)
            let embeddings = SenderOutputs(
                layout: RowLayout(lengths: prompts.map(\.count)),
                input: transformer.embeddings(of: prompts), z: [], mlp: [])
            return (embeddings, FloatBuffer(count: 0))
        }
        let clean = try record(.clean, dataset.clean.ids, logits: .last)
        let corrupted = try record(.corrupted, dataset.corrupted.ids, logits: .none)
        try clean.outputs.requireFiniteness(of: .clean, logits: clean.logits)
        try corrupted.outputs.requireFiniteness(of: .corrupted, logits: corrupted.logits)
        self.init(
            dataset: dataset, clean: clean.outputs, corrupted: corrupted.outputs,
            cleanLogits: clean.logits, unrecordedRun: unrecordedRun)
    }
}
