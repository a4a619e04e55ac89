/// A feature at positions, by its name: `m1.f17@5`, at several positions `m1.f17@2:5` (2, 3 and 4), from
/// one on `m1.f17@5:`, which goes on in what is generated.
package struct FeaturePlace: Hashable, Sendable {
    /// The layer.
    package var layer: Int
    /// The feature's number in the layer's transcoder.
    package var feature: Int
    /// The first position.
    package var first: Int
    /// The position after the last; nil goes on to the end.
    package var end: Int?

    /// A feature at one position.
    package init(layer: Int, feature: Int, position: Int) {
        self.layer = layer
        self.feature = feature
        first = position
        end = position + 1
    }

    /// Reads a name; nil where it is none.
    package init?(_ name: some StringProtocol) {
        guard name.hasPrefix("m"), let at = name.firstIndex(of: "@") else { return nil }
        let parts = name[..<at].dropFirst().split(
            separator: ".", omittingEmptySubsequences: false)
        let bounds = name[name.index(after: at)...].split(
            separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].hasPrefix("f"), (1...2).contains(bounds.count),
            let layer = Self.number(parts[0]), let feature = Self.number(parts[1].dropFirst()),
            let first = Self.number(bounds[0])
        else { return nil }
        self.init(layer: layer, feature: feature, position: first)
        guard bounds.count == 2 else { return }
        guard !bounds[1].isEmpty else {
            end = nil
            return
        }
        guard let end = Self.number(bounds[1]), end > first else { return nil }
        self.end = end
    }

    /// A number as files hold it, in 32 bits.
    private static func number(_ text: some StringProtocol) -> Int? {
        text.allSatisfy { $0.isASCII && $0.isNumber } ? Int32(text).map(Int.init) : nil
    }

    /// The name.
    package var name: String {
        let range = end.map { $0 == first + 1 ? "\(first)" : "\(first):\($0)" } ?? "\(first):"
        return "m\(layer).f\(feature)@\(range)"
    }

    /// Whether it goes on in what is generated after the prompt.
    package var isOpenEnded: Bool { end == nil }

    /// The positions below `length`.
    package func positions(below length: Int) -> Range<Int> {
        let start = min(first, length)
        return start..<max(start, min(end ?? length, length))
    }
}
