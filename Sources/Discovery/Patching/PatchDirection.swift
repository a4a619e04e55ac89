/// Which run's activations go into which.
package import Basics

package enum PatchDirection: String, Hashable, Sendable, CaseIterable {
    /// Corrupted activations into the clean run: what the model can't do without.
    case noising = "corrupted-into-clean"
    /// Clean activations into the corrupted run: what is enough to bring the behaviour back.
    case denoising = "clean-into-corrupted"

    /// The direction of this name: `noising`, `denoising`, or as artifacts store it.
    /// - Throws: `Failure` that lists the names there are.
    package init(named name: String) throws(Failure) {
        switch name {
        case "noising", Self.noising.rawValue: self = .noising
        case "denoising", Self.denoising.rawValue: self = .denoising
        default:
            throw Failure(
                .usage, "there is no direction '\(name)'; choose noising or denoising")
        }
    }
}
