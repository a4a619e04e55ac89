package import Artifacts
package import Basics
package import Engine
package import Experiments
import Models
package import Tasks

/// The pairs that a tool works on: an activation cache, or a dataset whose activations are computed
/// on the spot.
package struct PairInput {
    /// The pairs.
    package let dataset: DatasetArtifact
    /// The digest of the dataset.
    package let datasetDigest: String
    /// The digest of the cache, if it is one.
    package let cacheDigest: String?
    /// What is recorded as this tool's input.
    package let inputs: [ProvenanceStep.Input]
    /// How the input was made.
    package let provenance: Provenance
    /// What to call the input in messages.
    package let source: String
    private let cache: ActivationCache?
    private let file: ArtifactFile

    /// Reads the pairs of an artifact.
    /// - Parameter readsCache: whether the activations of a cache are used; without, a cache is only
    ///   read for its dataset, and may hold any activations.
    /// - Throws: `Failure` (bad data) if it is of another kind; `ArtifactError` if it is damaged.
    package init(_ file: ArtifactFile, readsCache: Bool = true) throws {
        self.file = file
        switch file.header.kind {
        case .activationCache:
            let cache = try ActivationCache(file)
            dataset = cache.dataset.content
            source = cache.source
            datasetDigest = cache.dataset.digest
            cacheDigest = cache.digest
            inputs = [cache.input("cache")]
            provenance = try file.provenance()
            self.cache = readsCache ? cache : nil
        case let kind where kind == .dataset || !readsCache:
            let artifact = try file.read(DatasetArtifact.self)
            dataset = artifact.content
            source = artifact.source
            datasetDigest = artifact.digest
            cacheDigest = nil
            inputs = [artifact.input("dataset")]
            provenance = artifact.provenance
            cache = nil
        case let kind:
            throw Failure(
                .badData,
                "\(file.name): it is of kind \(kind.rawValue), and activation-cache or dataset is "
                    + "needed")
        }
    }

    /// Refuses results from a cache that another process has changed while it was read. Ask when all
    /// is computed.
    /// - Throws: `Failure` (bad data).
    package func requireUnchanged() throws(Failure) {
        guard cache != nil else { return }
        do {
            try file.requireUnchanged()
        } catch {
            throw Failure(error.kind, error.description)
        }
    }

    /// The pairs that a metric reads, if no cache holds their activations.
    /// - Throws: `Failure` where pairs lack the answers.
    package func unrecorded(for metric: Metric) throws -> DatasetArtifact? {
        let read = try metric.pairs(of: dataset)
        return cache == nil || read.pairCount != dataset.pairCount ? read : nil
    }

    /// The activations on the pairs that a metric reads: those of the cache, or the model's own,
    /// also where the metric reads answers in several tokens, which no cache holds.
    /// - Throws: `Failure` where pairs lack the answers, what a cache lacks or the model can't
    ///   read.
    package func activations(
        with transformer: Transformer, for metric: Metric
    ) throws -> PairActivations {
        let unrecorded = try unrecorded(for: metric)
        if let cache, unrecorded == nil {
            guard transformer.model.precision != .bfloat16 else {
                throw Failure(
                    .usage,
                    "\(source): its activations are those of the model as it is stored; with "
                        + "--weights bfloat16, give the dataset instead")
            }
            return try PairActivations(cache, transformer: transformer)
        }
        return try PairActivations(running: unrecorded ?? dataset, with: transformer)
    }
}
