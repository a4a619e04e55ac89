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

    /// Activations known from somewhere else, such as a cache.
    package init(
        dataset: DatasetArtifact, clean: SenderOutputs, corrupted: SenderOutputs,
        cleanLogits: FloatBuffer
    ) {
        self.dataset = dataset
        self.clean = clean
        self.corrupted = corrupted
        self.cleanLogits = cleanLogits
    }

    /// Runs the model on both prompts of every pair.
    /// - Throws: `Failure` when the model can't read the prompts.
    package init(running dataset: DatasetArtifact, with transformer: Transformer)
        throws(Failure)
    {
        try self.init(running: dataset, except: nil, with: transformer)
    }

    /// Runs the model on the prompts of every pair, but for a run that a method makes itself: of that,
    /// only the embeddings are known.
    /// - Throws: `Failure` when the model can't read the prompts.
    package init(
        running dataset: DatasetArtifact, except left: ActivationRun?, with transformer: Transformer
    ) throws(Failure) {
        func record(
            _ run: ActivationRun, _ prompts: [[Int32]], logits: Transformer.LogitRows
        ) throws(Failure) -> (outputs: SenderOutputs, logits: FloatBuffer) {
            guard run == left else {
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
        self.init(
            dataset: dataset, clean: clean.outputs, corrupted: corrupted.outputs,
            cleanLogits: clean.logits)
    }

    /// The run that wasn't made: only its embeddings are known.
    package var leftRun: ActivationRun? {
        clean.mlp.isEmpty ? .clean : corrupted.mlp.isEmpty ? .corrupted : nil
    }
}
