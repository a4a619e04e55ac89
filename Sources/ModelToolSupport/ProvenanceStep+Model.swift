package import Artifacts
package import Basics
import Engine
package import Models
import ToolSupport

extension ProvenanceStep {
    /// The record of what this process computed with a model: its tool, version and arguments, the
    /// model's digest, the number type, the kernels and the number of threads. All is computed in
    /// float32; where the weights were rounded, their type is named too.
    ///
    /// - Parameters:
    ///   - inputs: what was read.
    ///   - source: the model that was run.
    ///   - seed: the seed, if random numbers were drawn.
    /// - Throws: `Failure` where the model's files can't be read.
    package static func thisRun(
        inputs: [Input], of source: ModelSource, seed: Int? = nil, threads: ThreadOptions
    ) throws(Failure) -> ProvenanceStep {
        .thisRun(
            inputs: inputs, modelDigest: try source.digest(), seed: seed,
            dtype: threads.precision.weights == .bfloat16
                ? "float32, weights bfloat16" : "float32",
            blasKernel: BLAS.kernel, threads: threads.count)
    }
}
