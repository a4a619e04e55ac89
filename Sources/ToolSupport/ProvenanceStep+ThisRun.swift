package import Artifacts

extension ProvenanceStep {
    /// The record of what this process does: its tool, version and arguments, and what it was told
    /// besides.
    ///
    /// - Parameters:
    ///   - inputs: What was read.
    ///   - modelDigest: The digest of the model that was run, if one was.
    ///   - seed: The seed, if random numbers were drawn.
    ///   - dtype: The number type of the computation, `float32` for instance.
    ///   - blasKernel: The matrix kernels that were used.
    ///   - threads: The number of threads.
    package static func thisRun(
        inputs: [Input] = [], modelDigest: String? = nil, seed: Int? = nil, dtype: String? = nil,
        blasKernel: String? = nil, threads: Int? = nil
    ) -> ProvenanceStep {
        ProvenanceStep(
            tool: Console.toolName, version: ToolVersion.current,
            arguments: Array(CommandLine.arguments.dropFirst()), inputs: inputs,
            modelDigest: modelDigest, seed: seed, dtype: dtype, blasKernel: blasKernel,
            threads: threads)
    }
}
