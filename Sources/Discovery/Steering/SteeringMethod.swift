import Basics

/// How a steering vector is made from the differences of clean and corrupted activations.
package enum SteeringMethod: String, CaseIterable, Hashable, Sendable, NamedChoice {
    /// Their mean over pairs (ActAdd, CAA).
    case meanDifference = "mean-difference"
    /// Their first principal component, of length 1, towards the clean prompts (repeng's `pca_diff`).
    case firstComponent = "first-component"

    package static var noun: String { "method" }
}
