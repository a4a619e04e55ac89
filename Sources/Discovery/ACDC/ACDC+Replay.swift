package import Artifacts

extension ACDC {
    /// Decisions that a run takes over.
    package struct Replay: Sendable {
        let decisions: [Decision]
        /// How many of them are taken over whatever receiver they end in.
        let sharedCount: Int

        /// Nothing: every edge is tested.
        package static let none = Replay(decisions: [], sharedCount: 0)

        /// All of `decisions`: those of a run at another threshold, up to where the two part. Then
        /// those of `resumed` as far as they complete a receiver: the rest is tested again, from the
        /// same state, so that a run that was broken off ends with the same log, bit for bit.
        package static func exactly(
            _ decisions: [Decision], thenResuming resumed: [Decision] = []
        ) -> Replay {
            Replay(decisions: decisions + resumed, sharedCount: decisions.count)
        }
    }
}
