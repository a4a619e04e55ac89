package import Basics
import Tokenization

/// How a tokenizer writes the years of the greater-than task, and which next tokens make a year
/// that is later than a given one.
package struct YearAnswers: Sendable {
    /// What the model has to say next.
    package enum Step: Hashable, Sendable {
        /// The last two digits at once, as GPT-2 writes years: `17`, `32`.
        case twoDigits
        /// One digit, where every digit is a token: after `17` the tens.
        case oneDigit
    }

    /// What comes next.
    package let step: Step

    /// How the tokenizer of `vocabulary` writes years.
    ///
    /// - Throws: `Failure` where there is none, or it writes them in another way.
    package init(_ vocabulary: TaskVocabulary) throws(Failure) {
        guard let tokenizer = vocabulary.tokenizer else {
            throw Failure(.usage, "years need a tokenizer, and this model has none")
        }
        func last(_ text: String, _ count: Int) throws(Failure) -> [String?] {
            try tokenizer.encodeText(text).suffix(count).map { tokenizer.token(for: $0) }
        }
        let (digits, ending) = (try last("year 1732", 4), try last("year 1743", 1))
        if digits == ["1", "7", "3", "2"] {
            step = .oneDigit
        } else if digits.last == "32" || ending == ["43"] {
            step = .twoDigits
        } else {
            let pieces = digits.map { $0 ?? "" }.joined(separator: "|")
            throw Failure(
                .badData,
                "this model's tokenizer writes a year as `\(pieces)`; greater-than needs years "
                    + "whose last two digits, or whose every digit, are a token")
        }
    }

    /// The next tokens, as texts, that are surely later than a year ending in `ending` (0 to 99),
    /// and those that surely aren't. Where only the tens are said, the same tens are neither.
    /// Empty for an ending that isn't from 0 to 99.
    package func answers(after ending: Int) -> (right: [String], wrong: [String]) {
        guard (0..<100).contains(ending) else { return ([], []) }
        switch step {
        case .twoDigits:
            let all = (0..<100).map { ($0 < 10 ? "0" : "") + String($0) }
            return (Array(all[(ending + 1)...]), Array(all[...ending]))
        case .oneDigit:
            let tens = ending / 10
            return ((tens + 1..<10).map(String.init), (0..<tens).map(String.init))
        }
    }
}
