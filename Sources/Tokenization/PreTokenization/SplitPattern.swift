import Basics

/// A pattern by which a pre-tokenizer finds words in text.
enum SplitPattern: Sendable {
    /// GPT-2's: contractions, and runs of letters, numbers or others with one space before.
    case gpt2
    /// The one of cl100k, Llama 3 and Qwen 2: numbers of at most `maximumDigits` characters, line
    /// breaks kept with what they end.
    case cl100k(maximumDigits: Int)
    /// One character that is a number: `\p{N}`.
    case number
    /// A run of numbers: `\p{N}+`.
    case numbers
    /// A character that is white space: `\s`.
    case whiteSpace
    /// This very text.
    case literal([UInt8])
    /// Any other regular expression.
    case regex(RegularExpression)

    /// The pattern of a regular expression; those of well-known tokenizers have a scanner of their
    /// own, faster than a general engine. `place` names the file it comes from.
    init(regex source: String, place: String) throws(RegularExpression.SyntaxError) {
        let contraction = Self.contractionSource
        let others = #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        let letters = #"|[^\r\n\p{L}\p{N}]?\p{L}+"#
        switch source {
        case Self.gpt2Source: self = .gpt2
        case contraction + letters + #"|\p{N}{1,3}"# + others: self = .cl100k(maximumDigits: 3)
        case contraction + letters + #"|\p{N}"# + others: self = .cl100k(maximumDigits: 1)
        case #"\p{N}"#: self = .number
        case #"\p{N}+"#: self = .numbers
        default: self = .regex(try RegularExpression(source, place: place))
        }
    }

    /// The regular expression that ``gpt2`` stands for.
    static let gpt2Source =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    /// The regular expression of GPT-4o and Llama 4: words end where lower case does.
    static let gpt4oSource = casedSource(
        contraction: contractionSource + "?", numbers: #"\p{N}{1,3}"#)

    /// The regular expression of Mistral's Tekken.
    static let tekkenSource = casedSource(contraction: "", numbers: #"\p{N}"#)

    private static func casedSource(contraction: String, numbers: String) -> String {
        let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
        let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
        let first = #"[^\r\n\p{L}\p{N}]?"#
        return [
            first + upper + "*" + lower + "+" + contraction,
            first + upper + "+" + lower + "*" + contraction,
            numbers, #" ?[^\s\p{L}\p{N}]+[\r\n/]*"#, #"\s*[\r\n]+"#, #"\s+(?!\S)"#, #"\s+"#,
        ].joined(separator: "|")
    }

    /// Contractions in any case, as most newer tokenizers have them.
    static let contractionSource = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"

    /// The matches within `range` of `text`, in order; only those of ``regex(_:)`` may be empty. `range`
    /// is all that the pattern sees: it ends as the text would.
    ///
    /// - Throws: `Failure` (bad data) where an expression takes too many steps, or goes on past
    ///   `deadline`.
    func matches(
        in text: Span<UInt8>, _ range: Range<Int>, by deadline: SearchDeadline
    ) throws(Failure) -> [Range<Int>] {
        var matches: [Range<Int>] = []
        var index = range.lowerBound
        switch self {
        case .gpt2:
            while index < range.upperBound {
                let end = text.endOfGPT2Word(from: index, limit: range.upperBound)
                matches.append(index..<end)
                index = end
            }
        case .cl100k(let maximumDigits):
            while index < range.upperBound {
                let end = text.endOfCL100KWord(
                    from: index, limit: range.upperBound, maximumDigits: maximumDigits)
                matches.append(index..<end)
                index = end
            }
        case .whiteSpace:
            while index < range.upperBound {
                let (kind, end) = text.scalarClass(at: index)
                if kind == .space { matches.append(index..<end) }
                index = end
            }
        case .number, .numbers:
            while index < range.upperBound {
                var (kind, end) = text.scalarClass(at: index)
                if kind == .number {
                    if case .numbers = self {
                        end = text.endOfRun(.number, from: end, limit: range.upperBound)
                    }
                    matches.append(index..<end)
                }
                index = end
            }
        case .literal(let literal):
            while !literal.isEmpty, index + literal.count <= range.upperBound {
                if literal.indices.allSatisfy({ text[index + $0] == literal[$0] }) {
                    matches.append(index..<index + literal.count)
                    index += literal.count
                } else {
                    index += 1
                }
            }
        case .regex(let pattern):
            matches = try pattern.matches(in: text, range, by: deadline)
        }
        return matches
    }
}
