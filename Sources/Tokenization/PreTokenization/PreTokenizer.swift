import Basics

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
        /// Makes a character of each space, puts one before the words that `prefix` says and that
        /// don't start with it, and cuts before each where `splits`.
        case metaspace([UInt8], prefix: MetaspacePrefix, splits: Bool)
    }

    /// Before which words `metaspace` puts its character, in the `tokenizers` library's terms.
    enum MetaspacePrefix: String, Sendable {
        /// Before the first of a text.
        case first
        /// Before every one.
        case always
        /// Before none.
        case never
    }

    /// The rules, in order.
    var steps: [Step] = []

    /// Cuts `text`, which starts at `start`, into words: ranges of `text`, which is rewritten where
    /// a rule adds a space.
    ///
    /// - Throws: `Failure` (bad data) where an expression takes too long.
    func words(
        in text: inout [UInt8], at start: TextStart, by deadline: SearchDeadline
    ) throws(Failure) -> [Range<Int>] {
        var words = text.isEmpty ? [] : [0..<text.count]
        for step in steps {
            switch step {
            case .split(let pattern, let behavior, let inverted):
                var parts: [Range<Int>] = []
                parts.reserveCapacity(words.count)
                for word in words {
                    let matches = try pattern.matches(in: text.span, word, by: deadline)
                    Self.cut(word, at: matches, behavior, inverted: inverted, into: &parts)
                }
                words = parts
            case .prefixSpace:
                let space = [UInt8(ascii: " ")]
                words = Self.prefixing(space, words, in: &text) {
                    $0 > 0 || start != .withinText
                }
            case .metaspace(let character, let prefix, let splits):
                (text, words) = Self.replacingSpaces(with: character, words, in: text)
                words = Self.prefixing(character, words, in: &text) { wordStart in
                    switch prefix {
                    case .first: wordStart == 0 && start == .text
                    case .always: wordStart > 0 || start != .withinText
                    case .never: false
                    }
                }
                guard splits else { continue }
                var parts: [Range<Int>] = []
                for word in words {
                    let matches = try SplitPattern.literal(character)
                        .matches(in: text.span, word, by: deadline)
                    Self.cut(word, at: matches, .mergedWithNext, inverted: false, into: &parts)
                }
                words = parts
            }
        }
        return words
    }

    /// `words` of `text`, with `prefix` put before those that don't start with it and whose start
    /// `isWanted` accepts.
    private static func prefixing(
        _ prefix: [UInt8], _ words: [Range<Int>], in text: inout [UInt8],
        _ isWanted: (Int) -> Bool
    ) -> [Range<Int>] {
        var prefixed: [UInt8] = []
        prefixed.reserveCapacity(text.count + words.count * prefix.count)
        let words = words.map { word in
            let start = prefixed.count
            if isWanted(word.lowerBound), !text[word].starts(with: prefix) { prefixed += prefix }
            prefixed += text[word]
            return start..<prefixed.count
        }
        text = prefixed
        return words
    }

    private static func replacingSpaces(
        with character: [UInt8], _ words: [Range<Int>], in text: [UInt8]
    ) -> ([UInt8], [Range<Int>]) {
        var replaced: [UInt8] = []
        replaced.reserveCapacity(text.count + text.count / 2)
        let words = words.map { word in
            let start = replaced.count
            for byte in text[word] {
                if byte == UInt8(ascii: " ") {
                    replaced += character
                } else {
                    replaced.append(byte)
                }
            }
            return start..<replaced.count
        }
        return (replaced, words)
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

        switch behavior {
        case .isolated:
            for piece in pieces where !piece.range.isEmpty { parts.append(piece.range) }
        case .removed:
            for piece in pieces where !piece.isMatch && !piece.range.isEmpty {
                parts.append(piece.range)
            }
        case .mergedWithPrevious, .mergedWithNext, .contiguous:
            // Pieces are joined while the empty ones, which some expressions match, are still among
            // them, and only then are those left out.
            var joined: [Range<Int>] = []
            var wasMatch: Bool?  // of the piece before, in this word
            for (range, isMatch) in pieces {
                let joins =
                    switch behavior {
                    case .mergedWithPrevious: isMatch && wasMatch == false
                    case .mergedWithNext: !isMatch && wasMatch == true
                    default: isMatch == wasMatch
                    }
                let start = joins ? joined.popLast()?.lowerBound : nil
                joined.append((start ?? range.lowerBound)..<range.upperBound)
                wasMatch = isMatch
            }
            parts += joined.filter { !$0.isEmpty }
        }
    }
}
