import Artifacts
import Basics
import Engine

extension SenderOutputs {
    /// Refuses outputs and logits that are infinite or not a number: all that is computed from them
    /// would be nonsense, and a search would take it for effects.
    /// - Parameter logits: at the end of each prompt, `[prompt, d_vocab]`, or none.
    /// - Throws: `Failure` (bad data) with the first one's prompt and hook.
    func requireFiniteness(of run: ActivationRun, logits: FloatBuffer) throws(Failure) {
        try requireFiniteness(of: input, "blocks.0.hook_resid_pre", run)
        for layer in z.indices {
            try requireFiniteness(of: z[layer], "blocks.\(layer).attn.hook_z", run)
            try requireFiniteness(of: mlp[layer], "blocks.\(layer).hook_mlp_out", run)
        }
        let index = firstNonFinite(logits.values, count: logits.count)
        guard index < logits.count else { return }
        throw overflow(
            "the logits", logits.values[index],
            prompt: index / (logits.count / layout.promptCount), run)
    }

    private func requireFiniteness(
        of values: FloatBuffer, _ hook: String, _ run: ActivationRun
    ) throws(Failure) {
        let index = firstNonFinite(values.values, count: values.count)
        guard index < values.count else { return }
        let row = index / (values.count / layout.rowCount)
        throw overflow(
            hook, values.values[index], prompt: layout.starts.lastIndex { $0 <= row } ?? 0, run)
    }

    private func overflow(
        _ what: String, _ value: Float, prompt: Int, _ run: ActivationRun
    ) -> Failure {
        Failure(
            .badData,
            "the \(run.rawValue) prompt of pair \(prompt): \(what) have the value \(value), so the "
                + "model's numbers overflow; its weights are damaged, or not meant for float32")
    }
}
