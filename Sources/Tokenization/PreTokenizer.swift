/// The rules that cut text into words; merges never cross a word's border.
struct PreTokenizer: Sendable {
    /// What becomes of the matches of a split, in the `tokenizers` library's terms.
    enum SplitBehavior: String, Sendable {
        /// Matches are left out.
        case removed = "Removed"
        /// Each match is a word of its own.
        case isolated = "Isolated"
        /// A match ends the word before it.
        case mergedWithPrevious = "MergedWithPrevious"
        /// A match begins the word after it.
        case mergedWithNext = "MergedWithNext"
        /// Neighbouring matches are one word.
        case contiguous = "Contiguous"
    }

    /// One rule, applied to every word that the rules before it made.
    enum Step: Sendable {
        /// Cuts at the matches of a pattern, or, `inverted`, at what lies between them.
        case split(SplitPattern, SplitBehavior, inverted: Bool)
        /// Puts a space before each word that doesn't start with one.
        case prefixSpace
    }

    /// The rules, in order.
    var steps: [Step]

    /// Whether some rule puts a space before a text.
    var addsPrefixSpace: Bool {
        steps.contains { if case .prefixSpace = $0 { true } else { false } }
    }

    /// Cuts `text` into words: ranges of `text`, which is rewritten where a rule adds a space.
    func words(in text: inout [UInt8]) -> [Range<Int>] {
        var words = text.isEmpty ? [] : [0..<text.count]
        for step in steps {
            switch step {
            case .split(let pattern, let behavior, let inverted):
                var parts: [Range<Int>] = []
                parts.reserveCapacity(words.count)
                for word in words {
                    let matches = pattern.matches(in: text.span, word)
                    Self.cut(word, at: matches, behavior, inverted: inverted, into: &parts)
                }
                words = parts
            case .prefixSpace:
                var spaced: [UInt8] = []
                spaced.reserveCapacity(text.count + words.count)
                words = words.map { word in
                    let start = spaced.count
                    if text[word.lowerBound] != UInt8(ascii: " ") {
                        spaced.append(UInt8(ascii: " "))
                    }
                    spaced.append(contentsOf: text[word])
                    return start..<spaced.count
                }
                text = spaced
            }
        }
        return words
    }

    private static func cut(
        _ word: Range<Int>, at matches: [Range<Int>], _ behavior: SplitBehavior, inverted: Bool,
        into parts: inout [Range<Int>]
    ) {
        var pieces: [(range: Range<Int>, isMatch: Bool)] = []
        pieces.reserveCapacity(matches.count)
        var index = word.lowerBound
        for match in matches {
            if index < match.lowerBound { pieces.append((index..<match.lowerBound, inverted)) }
            pieces.append((match, !inverted))
            index = match.upperBound
        }
        if index < word.upperBound { pieces.append((index..<word.upperBound, inverted)) }

        var wasMatch: Bool?  // of the piece before, in this word
        for (range, isMatch) in pieces {
            let joins =
                switch behavior {
                case .removed, .isolated: false
                case .mergedWithPrevious: isMatch && wasMatch == false
                case .mergedWithNext: !isMatch && wasMatch == true
                case .contiguous: isMatch == wasMatch
                }
            if joins, let last = parts.popLast() {
                parts.append(last.lowerBound..<range.upperBound)
            } else if !(behavior == .removed && isMatch) {
                parts.append(range)
            }
            wasMatch = isMatch
        }
    }
}
