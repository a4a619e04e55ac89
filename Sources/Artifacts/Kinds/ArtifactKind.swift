/// The kinds of artifact, by the name that a file's root attribute `artifact` carries.
package enum ArtifactKind: String, CaseIterable, Hashable, Sendable {
    /// Pairs of prompts with answers.
    case dataset
    /// Activations of the clean and the corrupted prompts by hook name.
    case activationCache = "activation-cache"
    /// Effects of activation or path patching.
    case patchEffects = "patch-effects"
    /// A score for every edge.
    case edgeScores = "edge-scores"
    /// A circuit with its decision log.
    case circuit
    /// Faithfulness and the other figures by which circuits are judged.
    case evaluation
    /// Two circuits compared.
    case circuitDiff = "circuit-diff"
}
