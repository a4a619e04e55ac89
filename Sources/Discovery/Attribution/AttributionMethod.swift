import Artifacts
package import Basics

/// How edges are scored. Methods with a sign have one sign: positive where cutting the edge makes the
/// loss (the metric as minimised) greater.
package enum AttributionMethod: String, Hashable, Sendable, CaseIterable {
    /// Edge attribution patching (Syed et al. 2023): the gradient of the clean run.
    case eap
    /// EAP with integrated gradients (Hanna et al. 2024): the gradient is the mean over embeddings
    /// on the way from the corrupted to the clean one, at k/steps for k = 0 ..< steps.
    case eapIGInputs = "eap-ig-inputs"
    /// The gradient is the mean over runs in each of which one component (the input, a layer's heads,
    /// an MLP) is on the way to its clean output, at k/steps for k = 1 ... steps.
    case eapIGActivations = "eap-ig-activations"
    /// The gradient is the mean of those of the clean and of the corrupted run.
    case cleanCorrupted = "clean-corrupted"
    /// The loss with that one edge cut, minus the loss of the full model.
    case exact
    /// Head importance (Michel et al. 2019) of every sender: the sum over pairs of the size of the
    /// loss's gradient at the sender's mask, L2-normalised by layer. An edge has its sender's score.
    case hisp
    /// AtP* (Kramar et al. 2024): the size of each node's attribution, queries and keys patched with
    /// the softmax computed anew, mean over dropped layers (GradDrop) and pairs. An edge has the
    /// lesser score of its two ends.
    case atpStar = "atp-star"
    /// How much nearer a sender brings its receiver's input to itself in the clean run (Ferrando and
    /// Voita 2024); no metric enters.
    case informationFlowRoutes = "information-flow-routes"
    /// The loss's gradient at the mask of a circuit, every edge's share in it taken as a number; at
    /// the mask of the full model it is `eap`.
    case maskGradient = "mask-gradient"
    /// Hard concrete masks with a price of open edges (Cao et al. 2021), learnt by gradient descent.
    /// As of all methods that learn masks, an edge's score is its mask's chance, from 0 to 1.
    case subnetworkProbing = "subnetwork-probing"
    /// Hard concrete masks with a Lagrangian to a target sparsity (Bhaskar et al. 2024).
    case edgePruning = "edge-pruning"
    /// Masks drawn evenly between 0 and 1 near where they decide (UGS, Li and Janson 2024).
    case uniformGradientSampling = "uniform-gradient-sampling"
    /// Random numbers: what other methods have to beat.
    case random

    /// The method of this name.
    /// - Throws: `Failure` that lists the names there are.
    package init(named name: String) throws(Failure) {
        guard let method = AttributionMethod(rawValue: name) else {
            let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(.usage, "there is no method '\(name)'; choose one of \(names)")
        }
        self = method
    }

    /// Whether it takes a number of steps.
    package var hasSteps: Bool { self == .eapIGInputs || self == .eapIGActivations }

    /// Whether it needs the gradient of the metric.
    package var needsGradient: Bool {
        switch self {
        case .exact, .informationFlowRoutes, .random: false
        default: true
        }
    }

    /// Whether it takes the gradient of the full model's clean run and no other; `mask-gradient` may be
    /// taken at a circuit instead.
    package var looksAtCleanRunOnly: Bool {
        switch self {
        case .eap, .hisp, .atpStar, .maskGradient: true
        default: false
        }
    }

    /// The run that is the first copy of each pair in its first pass, which can tell the activations
    /// there, so that they needn't be recorded before.
    var ownRun: ActivationRun? {
        switch self {
        case .eap, .hisp: .clean
        case .eapIGInputs, .cleanCorrupted: .corrupted
        default: nil
        }
    }

    /// Whether it learns masks, step by step.
    package var learnsMasks: Bool { hasPenalty || hasTargetSparsity }
    /// Whether edges have a price, lambda.
    package var hasPenalty: Bool { self == .subnetworkProbing || self == .uniformGradientSampling }
    /// Whether it aims at a sparsity.
    package var hasTargetSparsity: Bool { self == .edgePruning }
    /// Whether it draws random numbers.
    package var isRandom: Bool { self == .random || learnsMasks }

    /// Whether a score is a sum over positions and over what a receiver or sender is made of, so
    /// that finer scores add up to coarser ones.
    package var isAdditive: Bool {
        switch self {
        case .eap, .eapIGInputs, .eapIGActivations, .cleanCorrupted: true
        default: false
        }
    }

    /// Refuses what needs scores that add up.
    /// - Parameter purpose: what needs it.
    /// - Throws: `Failure` (usage).
    package func requireAdditivity(for purpose: String) throws(Failure) {
        guard isAdditive else {
            let others = Self.allCases.filter(\.isAdditive).map(\.rawValue)
            throw Failure(
                .usage,
                "\(purpose) is for scores that add up over positions, inputs and neurons, and "
                    + "those by \(rawValue) don't; choose one of \(others.joined(separator: ", "))"
            )
        }
    }

    /// Refuses a resolution that the method doesn't have.
    /// - Throws: `Failure` (usage).
    func require(_ resolution: ScoreResolution, perPair: Bool) throws(Failure) {
        if resolution.isEmpty { return }
        try requireAdditivity(for: "a resolution by position or neuron")
        guard !perPair else {
            throw Failure(.usage, "scores in each pair are kept of whole edges only")
        }
    }
}
