package import Basics
package import Graphs
package import Models

/// A change of a feature's activation.
package struct FeatureChange: Hashable, Sendable {
    /// What the activation becomes.
    package enum Value: Hashable, Sendable {
        /// This.
        case set(Float)
        /// So many times what it is on the unchanged prompt.
        case multiply(Float)
    }

    /// Which feature, and where.
    package var place: FeaturePlace
    /// Its new activation.
    package var value: Value

    /// A change of a feature.
    package init(_ place: FeaturePlace, _ value: Value) {
        self.place = place
        self.value = value
    }

    /// Refuses a feature or a position that isn't there.
    /// - Throws: `Failure` (usage).
    package func validate(in set: TranscoderSet, length: Int) throws(Failure) {
        func refuse(_ reason: String) -> Failure { Failure(.usage, "\(place.name): \(reason)") }
        guard place.layer < set.layers.count else {
            throw refuse("\(set.name) has only the layers 0 to \(set.layers.count - 1)")
        }
        guard place.feature < set.featureCount else {
            throw refuse("a layer has only the features 0 to \(set.featureCount - 1)")
        }
        guard place.first < length || place.isOpenEnded, place.end ?? length <= length else {
            throw refuse("the prompt has only the positions 0 to \(length - 1)")
        }
    }
}

/// What reacts to a change of features, as circuit-tracer defines it.
package enum InterventionMode: Hashable, Sendable {
    /// Nothing: attention patterns, norms and MLPs stay as they were. What the graph's edges say.
    case direct
    /// Everything.
    case open
    /// Everything but attention patterns.
    case frozenAttention
    /// The MLPs of these layers stay as they were, and so do all attention patterns; norms and other
    /// layers react. Of all layers it is `direct`.
    case layers(Range<Int>)

    /// The mode of this name: `direct`, `open`, `frozen-attention`, `layers:0:2`; nil if there is none.
    package init?(_ name: String) {
        switch name {
        case "direct": self = .direct
        case "open": self = .open
        case "frozen-attention": self = .frozenAttention
        default:
            let parts = name.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "layers", let first = Int(parts[1]),
                let end = Int(parts[2]), first >= 0, first < end
            else { return nil }
            self = .layers(first..<end)
        }
    }

    /// Whether nothing is left that reacts in a prompt: with all layers held, neither do norms.
    func isDirect(in set: TranscoderSet) -> Bool {
        self == .direct || self == .layers(0..<set.layers.count)
    }

    /// Refuses layers that aren't there.
    /// - Throws: `Failure` (usage).
    package func validate(in set: TranscoderSet) throws(Failure) {
        if case .layers(let range) = self, range.upperBound > set.layers.count {
            throw Failure(
                .usage,
                "layers:\(range.lowerBound):\(range.upperBound): there are only \(set.layers.count) "
                    + "layers")
        }
    }
}
