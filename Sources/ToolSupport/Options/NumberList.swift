package import Basics

/// Numbers of an option: one, several or a range, such as `6`, `4,6,8` or `8:20`, whose end is not
/// included.
package struct NumberList: Hashable, Sendable {
    /// The numbers in the order given, each once.
    package let numbers: [Int]

    /// The most numbers of a range: one that is longer was never meant.
    private static let longest = 10_000

    /// Reads a list.
    /// - Parameters:
    ///   - option: the option whose value it is, for messages: `--layers`.
    ///   - noun: what the numbers stand for: `layer`.
    /// - Throws: `Failure` (usage) for what is neither a number nor a range, and for no number at all.
    package init(_ text: String, option: String, noun: String) throws(Failure) {
        var numbers: [Int] = []
        for part in CommaList(text).parts {
            let ends = part.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
            switch (ends.count, ends.first ?? nil, ends.last ?? nil) {
            case (1, let number?, _) where number >= 0: numbers.append(number)
            case (2, let first?, let end?) where first >= 0 && first < end:
                numbers += first..<min(end, first + Self.longest)
            default:
                throw Failure(
                    .usage,
                    "\(option): '\(part)' isn't a \(noun) such as 6, or a range such as 8:20")
            }
        }
        guard !numbers.isEmpty else { throw Failure(.usage, "\(option) names no \(noun)") }
        var seen: Set<Int> = []
        self.numbers = numbers.filter { seen.insert($0).inserted }
    }
}
