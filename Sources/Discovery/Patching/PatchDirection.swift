import Basics

/// Which run's activations go into which.
package enum PatchDirection: String, Hashable, Sendable, CaseIterable, NamedChoice {
    /// Corrupted activations into the clean run: what the model can't do without.
    case noising
    /// Clean activations into the corrupted run: what is enough to bring the behaviour back.
    case denoising

    package static var noun: String { "direction" }
    package static var offer: String { "noising or denoising" }

    /// The direction of this name: `noising`, `denoising`, or as artifacts call it; nil if there is
    /// none.
    package init?(name: String) {
        guard
            let direction = Self.allCases.first(where: {
                [$0.rawValue, $0.artifactName].contains(name)
            })
        else { return nil }
        self = direction
    }

    /// What artifacts call it.
    package var artifactName: String {
        switch self {
        case .noising: "corrupted-into-clean"
        case .denoising: "clean-into-corrupted"
        }
    }
}
