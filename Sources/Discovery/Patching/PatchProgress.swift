/// How far a run of patches is.
package struct PatchProgress: Sendable {
    /// A component at a position, and its mean effect.
    package struct Effect: Hashable, Sendable {
        /// The component's number.
        package var component: Int
        /// The number of the position's label.
        package var position: Int
        /// The mean over the pairs that have the position.
        package var value: Float
    }

    /// Patches done, each on all pairs.
    package internal(set) var done: Int
    /// Of how many.
    package let total: Int
    /// The largest effect of those done, of either sign.
    package internal(set) var largest: Effect?
}
