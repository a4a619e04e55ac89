package import Artifacts
package import Basics
import Engine
package import Models
import ToolSupport

extension ProvenanceStep {
    /// The record of what this process computed with a model, in float32: its tool, version and
    /// arguments, the model's digest, the kernels and the number of threads.
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
            inputs: inputs, modelDigest: try source.digest(), seed: seed, dtype: "float32",
            blasKernel: BLAS.kernel, threads: threads.count)
    }
}
