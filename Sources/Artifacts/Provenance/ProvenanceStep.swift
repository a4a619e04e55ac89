import FoundationEssentials

/// One step of the chain that made an artifact: a tool that was run, and everything its result
/// depends on. samtools records its steps alike, in @PG lines.
package struct ProvenanceStep: Hashable, Sendable, Codable {
    /// A file that the step read.
    package struct Input: Hashable, Sendable, Codable {
        /// The role of the file for the tool: `dataset`, `cache`, `first`, ...
        package var name: String
        /// The kind of artifact, or `model`, or `file`.
        package var kind: String
        /// The path it was read from, `-` for stdin.
        package var path: String
        /// Its digest; nil if it has none.
        package var digest: String?

        /// Makes an input from its parts.
        package init(name: String, kind: String, path: String, digest: String?) {
            self.name = name
            self.kind = kind
            self.path = path
            self.digest = digest
        }
    }

    /// The tool's name, for example `circuit-prune`.
    package var tool: String
    /// The tool's version.
    package var version: String
    /// The arguments, without the tool's name.
    package var arguments: [String]
    /// The files that were read.
    package var inputs: [Input]
    /// The digest of the model that was run, if one was.
    package var modelDigest: String?
    /// The seed, if random numbers were drawn.
    package var seed: Int?
    /// The number type of the computation, for example `float32`.
    package var dtype: String?
    /// The matrix kernels that were used, as the BLAS library names them.
    package var blasKernel: String?
    /// The number of threads.
    package var threads: Int?
    /// When the step was done: UTC, ISO 8601.
    package var time: String
    /// The ids of the steps that this one builds on, filled in by `Provenance.appending`.
    package var parents: [String]

    /// Makes a step from its parts; its time is now unless given.
    package init(
        tool: String, version: String, arguments: [String], inputs: [Input] = [],
        modelDigest: String? = nil, seed: Int? = nil, dtype: String? = nil,
        blasKernel: String? = nil, threads: Int? = nil, time: String? = nil
    ) {
        self.tool = tool
        self.version = version
        self.arguments = arguments
        self.inputs = inputs
        self.modelDigest = modelDigest
        self.seed = seed
        self.dtype = dtype
        self.blasKernel = blasKernel
        self.threads = threads
        self.time = time ?? Date.now.formatted(.iso8601)
        parents = []
    }

    private enum CodingKeys: String, CodingKey {
        case tool, version, arguments, inputs, seed, dtype, threads, time, parents
        case modelDigest = "model_digest"
        case blasKernel = "blas_kernel"
    }
}
