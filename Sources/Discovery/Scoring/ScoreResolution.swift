/// What is scored besides edges.
package struct ScoreResolution: OptionSet, Sendable {
    /// The set as bits.
    package let rawValue: Int

    /// A set from its bits.
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Each edge in each pair: an edge's score is the mean of these.
    package static let pairs = ScoreResolution(rawValue: 4)
    /// Each edge at each position: an edge's score is the sum of these.
    package static let positions = ScoreResolution(rawValue: 1)
    /// The neurons of each node: a node's score is the sum of these.
    package static let neurons = ScoreResolution(rawValue: 2)
}
