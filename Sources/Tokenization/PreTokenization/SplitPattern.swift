import _StringProcessing

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
    /// This very text.
    case literal([UInt8])
    /// Any other regular expression.
    case regex(RegexPattern)

    /// The pattern of a regular expression; those of well-known tokenizers have a scanner of their
    /// own, an order of magnitude faster than a general engine. Throws where it isn't one.
    init(regex source: String) throws {
        let contraction = Self.contractionSource
        let others = #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        let letters = #"|[^\r\n\p{L}\p{N}]?\p{L}+"#
        switch source {
        case Self.gpt2Source: self = .gpt2
        case contraction + letters + #"|\p{N}{1,3}"# + others: self = .cl100k(maximumDigits: 3)
        case contraction + letters + #"|\p{N}"# + others: self = .cl100k(maximumDigits: 1)
        case #"\p{N}"#: self = .number
        case #"\p{N}+"#: self = .numbers
        default: self = .regex(try RegexPattern(source))
        }
    }

    /// The regular expression that ``gpt2`` stands for.
    static let gpt2Source =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    /// Contractions in any case, as most newer tokenizers have them.
    static let contractionSource = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"

    /// The matches within `range` of `text`, in order, none empty. `range` is all that the pattern
    /// sees: it ends as the text would.
    func matches(in text: Span<UInt8>, _ range: Range<Int>) -> [Range<Int>] {
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
            matches = pattern.matches(in: text, range)
        }
        return matches
    }
}

/// A regular expression that has no scanner of its own.
///
/// Unchecked: `Regex` isn't `Sendable` because it may hold closures; one compiled from text holds
/// none, and matching doesn't change it.
struct RegexPattern: @unchecked Sendable {
    private let regex: Regex<AnyRegexOutput>

    /// Compiles `source`; throws where it is no regular expression.
    init(_ source: String) throws {
        // Written out, because Swift's engine doesn't count the long s as an s in another case.
        let contraction = "(?:'[sSſ]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
        let plain = source.split(
            separator: SplitPattern.contractionSource, omittingEmptySubsequences: false
        )
        .joined(separator: contraction)
        // Patterns are written for engines that match code points, not grapheme clusters.
        regex = try Regex(plain).matchingSemantics(.unicodeScalar)
    }

    /// The matches within `range` of `text` that aren't empty, in order.
    func matches(in text: Span<UInt8>, _ range: Range<Int>) -> [Range<Int>] {
        let string = String(decoding: range.map { text[$0] }, as: UTF8.self)
        return string.matches(of: regex).compactMap { match in
            let start = string.utf8.distance(from: string.startIndex, to: match.range.lowerBound)
            let count = string.utf8.distance(
                from: match.range.lowerBound, to: match.range.upperBound)
            let first = range.lowerBound + start
            return count == 0 ? nil : first..<first + count
        }
    }
}
