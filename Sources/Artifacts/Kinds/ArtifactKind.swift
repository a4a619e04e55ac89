/// The kinds of artifact, by the name in a file's root attribute `artifact`.
///
/// `README.md` beside this file lists what belongs to a kind.
package enum ArtifactKind: String, CaseIterable, Hashable, Sendable {
    /// Pairs of prompts with answers.
    case dataset
    /// Activations of the clean and the corrupted prompts by hook name.
    case activationCache = "activation-cache"
    /// Effects of activation patching or path patching.
    case patchEffects = "patch-effects"
    /// A score for every edge.
    case edgeScores = "edge-scores"
    /// A circuit with its decision log.
    case circuit
    /// Faithfulness and other figures that say how good a circuit is.
    case evaluation
    /// Two circuits compared.
    case circuitDiff = "circuit-diff"
    /// What the features of transcoders have to do with a prompt's answer.
    case attributionGraph = "attribution-graph"
    /// The features that attribution graphs of many prompts have in common.
    case featureCircuit = "feature-circuit"
    /// Vectors that are added to activations to steer a model.
    case steeringVector = "steering-vector"
}

extension ArtifactKind {
    /// What belongs to a kind.
    struct Entry {
        /// The version that is written, and the newest one that is read.
        var version: SchemaVersion
        /// The schema of that version: the JSON file that `Schemas/` links to.
        var schema: [UInt8]
        /// The Swift type of the content.
        var content: (any ArtifactContent.Type)?
    }

    /// The table of the kinds.
    var entry: Entry {
        switch self {
        case .dataset:
            Entry(
                version: SchemaVersion(1, 1, 0), schema: PackageResources.dataset_1_1_0_json,
                content: DatasetArtifact.self)
        case .activationCache:
            Entry(
                version: SchemaVersion(2, 0, 0),
                schema: PackageResources.activation_cache_2_0_0_json, content: nil)
        case .patchEffects:
            Entry(
                version: SchemaVersion(1, 1, 0), schema: PackageResources.patch_effects_1_1_0_json,
                content: PatchEffectsArtifact.self)
        case .edgeScores:
            Entry(
                version: SchemaVersion(2, 0, 0), schema: PackageResources.edge_scores_2_0_0_json,
                content: EdgeScoresArtifact.self)
        case .circuit:
            Entry(
                version: SchemaVersion(2, 0, 1), schema: PackageResources.circuit_2_0_1_json,
                content: CircuitArtifact.self)
        case .evaluation:
            Entry(
                version: SchemaVersion(2, 2, 0), schema: PackageResources.evaluation_2_2_0_json,
                content: EvaluationArtifact.self)
        case .circuitDiff:
            Entry(
                version: SchemaVersion(1, 1, 0), schema: PackageResources.circuit_diff_1_1_0_json,
                content: CircuitDiffArtifact.self)
        case .attributionGraph:
            Entry(
                version: SchemaVersion(1, 1, 0),
                schema: PackageResources.attribution_graph_1_1_0_json,
                content: AttributionGraphArtifact.self)
        case .featureCircuit:
            Entry(
                version: SchemaVersion(1, 0, 0),
                schema: PackageResources.feature_circuit_1_0_0_json,
                content: FeatureCircuitArtifact.self)
        case .steeringVector:
            Entry(
                version: SchemaVersion(1, 0, 0),
                schema: PackageResources.steering_vector_1_0_0_json,
                content: SteeringVectorArtifact.self)
        }
    }

    /// The Swift type of the content of such an artifact; nil for `activation-cache`, whose
    /// activations stay in the file: ``ActivationCache`` reads it.
    package var contentType: (any ArtifactContent.Type)? { entry.content }

    /// The schema version of such an artifact that is written, and the newest one that is read.
    package var currentVersion: SchemaVersion { entry.version }
}
