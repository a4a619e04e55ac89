import Basics
import HDF5

/// An open activation cache: the small datasets are in memory, activations are read when asked for.
/// It needs no other file: the dataset is in it.
package final class ActivationCache: Sendable {
    /// The dataset it was made from.
    package let dataset: Artifact<DatasetArtifact>
    /// The inputs it was made from, and the hooks and positions it holds.
    package let description: ActivationCacheDescription
    /// The digest of the cache.
    package let digest: String
    /// The chain of steps that made it, those of the dataset included.
    package let provenance: Provenance
    /// The path it was read from, or `-`.
    package let source: String
    /// The shape of each activation by hook name, `[pair, position, ...]`.
    package let shapes: [String: [Int]]
    private let artifact: ArtifactFile
    /// Whether the activations lie in the file as in 1.x.
    private let isFormer: Bool

    /// Opens a cache from a path, or from stdin for `-`.
    package convenience init(_ argument: String) throws(ArtifactError) {
        try self.init(ArtifactFile(argument))
    }

    /// Opens a cache whose header was read.
    ///
    /// - Throws: `badData` where it is of another kind, isn't valid, or doesn't match its digest.
    package convenience init(_ artifact: ArtifactFile) throws(ArtifactError) {
        try self.init(artifact, isCheckingDigest: true)
    }

    init(_ artifact: ArtifactFile, isCheckingDigest: Bool) throws(ArtifactError) {
        do throws(ArtifactError) {
            let header = artifact.header
            try header.check(is: .activationCache)
            let stored = try artifact.loadContent()
            var content = stored
            try content.validate(as: header)
            let inner = try content.group("dataset")
            dataset = try Artifact(
                inner, header: ArtifactHeader(inner, path: "/dataset"), source: artifact.name)
            provenance = try Provenance(content.group("provenance"))
            shapes = try Self.shapes(content)
            description = try ActivationCacheDescription(
                content, datasetDigest: dataset.digest, hooks: Array(shapes.keys))
            var storedDescription = description
            storedDescription.hooks = try stored.group("clean").datasets.keys.sorted()
            try check(
                storedDescription.inputsDigest == content.text("inputs_digest"),
                at: "/@inputs_digest",
                "it isn't that of the model, dataset and options in the file")
            let mask = try content.requiredArray("mask", rank: 2, of: Bool.self)
            try check(
                mask.values == description.positions.values.map { $0 >= 0 }, at: "/mask",
                "it isn't true where positions are kept")
            for (hook, shape) in shapes.sorted(by: { $0.key < $1.key }) {
                let axis = HookAxes.positionAxis(of: hook)
                try check(
                    shape.indices.contains(axis) && shape[axis] == mask.shape[1],
                    at: "/clean/" + hook,
                    "its shape is \(shape), and its axis \(axis) should have the \(mask.shape[1]) "
                        + "positions of the cache")
            }
            isFormer = header.version.major == 1
            if isCheckingDigest {
                try inner.requireDigest(at: "/dataset")
                try stored.requireDigest(at: "/")
            }
            digest = header.digest
            source = artifact.name
            self.artifact = artifact
        } catch {
            throw error.named(artifact.name)
        }
    }

    /// This cache in a provenance record, as the input `name` of a tool.
    package func input(_ name: String) -> ProvenanceStep.Input {
        ProvenanceStep.Input(
            name: name, kind: ArtifactKind.activationCache.rawValue, path: source, digest: digest)
    }

    /// The paths of the groups of activations, whose datasets are bulk data.
    static let bulkGroups = Set(ActivationRun.allCases.map { "/" + $0.rawValue })

    /// The hook names, sorted.
    package var hooks: [String] { description.hooks }

    /// The model that was run.
    package var model: ModelReference { description.model }

    /// One activation, mapped where its layout in the file allows it.
    ///
    /// - Throws: `missingInput` where the cache doesn't hold the hook.
    package func activation(
        named hook: String, run: ActivationRun
    ) throws(ArtifactError) -> Activation {
        guard let shape = shapes[hook] else {
            throw ArtifactError(
                .missingInput, file: source, path: "/\(run.rawValue)/\(hook)",
                "not in the cache: make one with circuit-cache --names '\(hook)'")
        }
        do throws(ArtifactError) {
            return try rethrowing { () throws(HDF5Error) in
                let name = isFormer ? Self.formerName(of: hook) : hook
                let dataset = try artifact.file.root().dataset("\(run.rawValue)/\(name)")
                let activation = try dataset.activation(shape: shape)
                guard isFormer, HookAxes.isAttentionMap(hook) else { return activation }
                return Activation(
                    shape: shape,
                    values: Self.swappingMiddleAxes(activation.values(), to: shape))
            }
        } catch {
            throw error.named(source)
        }
    }

    /// Whether the activations are stored in compressed chunks.
    var isCompressed: Bool {
        get throws(ArtifactError) {
            guard let hook = hooks.first else { return false }
            let name = isFormer ? Self.formerName(of: hook) : hook
            return try rethrowing { () throws(HDF5Error) in
                try artifact.file.root().dataset("clean/\(name)").layout != .contiguous
            }
        }
    }

    private static func shapes(_ content: ContentGroup) throws(ArtifactError) -> [String: [Int]] {
        let clean = try content.group("clean").datasets.mapValues(\.shape)
        let corrupted = try content.group("corrupted").datasets.mapValues(\.shape)
        let first = Set(clean.keys).symmetricDifference(corrupted.keys).sorted().first
        let different = first ?? clean.keys.sorted().first { clean[$0] != corrupted[$0] }
        if let different {
            throw ArtifactError(
                .badData, path: "/clean/" + different, "the corrupted run has another one or none")
        }
        return clean
    }
}

extension Dataset {
    /// The elements as float32, mapped where their layout in the file allows it.
    fileprivate borrowing func activation(shape: [Int]) throws(HDF5Error) -> Activation {
        switch elementType {
        case .float16:
            return Activation(shape: shape, values: try read(as: Float16.self).map { Float($0) })
        case .uint16:
            let values = try read(as: UInt16.self)
            return Activation(shape: shape, values: values.map(Float.init(bfloat16:)))
        default:
            if let mapped = try map(as: Float.self) {
                return Activation(shape: shape, mapped: mapped)
            }
            return Activation(shape: shape, values: try read(as: Float.self))
        }
    }
}

extension ActivationCacheDescription {
    fileprivate init(
        _ content: ContentGroup, datasetDigest: String, hooks: [String]
    ) throws(ArtifactError) {
        let text = try content.text("precision")
        guard let precision = ActivationPrecision(rawValue: text) else {
            throw ArtifactError(.badData, path: "/@precision", "unknown precision '\(text)'")
        }
        self.init(
            model: try ModelReference(content.group("model")), datasetDigest: datasetDigest,
            precision: precision, hooks: hooks, hookFilter: content.texts("hook_filter"),
            positionFilter: content.texts("position_filter"),
            positions: try content.requiredArray("positions", rank: 2))
    }
}
