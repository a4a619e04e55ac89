/// A list that an option takes as one argument, its parts separated by commas: `a3.h7,m3`.
package struct CommaList: Hashable, Sendable {
    /// The parts in the order given.
    package let parts: [String]

    /// Reads a list.
    /// - Parameter keepsEmptyParts: whether the empty part of `a,,b` counts, for a list that refuses
    ///   it as it refuses any other part that makes no sense. Otherwise a comma too many is ignored.
    package init(_ text: String, keepsEmptyParts: Bool = false) {
        parts = text.split(separator: ",", omittingEmptySubsequences: !keepsEmptyParts)
            .map(String.init)
    }

    /// The parts as numbers; nil where one isn't a finite number, or two are the same.
    package var differentNumbers: [Double]? {
        let numbers = parts.compactMap { Double($0) }.filter(\.isFinite)
        return numbers.count == parts.count && Set(numbers).count == numbers.count ? numbers : nil
    }
}
