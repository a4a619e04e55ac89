import Basics

/// What is done to text before it is cut into words: the steps of a `tokenizers` normalizer, in
/// order.
struct Normalizer: Sendable {
    /// One step.
    enum Step: Sendable {
        /// Brings text into a normal form of Unicode.
        case form(NormalForm)
        /// Makes lower case of every character.
        case lowercase
        /// Leaves accents out: every combining mark that `tokenizers` knows, those of Unicode 9.
        case stripAccents
        /// Puts a text before any but an empty one.
        case prepend([UInt8])
        /// Replaces the matches of a pattern by a text.
        case replace(SplitPattern, [UInt8])
        /// Takes white space away at the start, at the end, or both.
        case strip(left: Bool, right: Bool)
        /// Replaces what a map of SentencePiece's says, by graphemes.
        case map(CharacterMap)
        /// All that SentencePiece itself does to text.
        case sentencePiece(SentencePieceNormalizer)
    }

    /// The steps.
    var steps: [Step] = []

    /// `text`, UTF-8, after all steps; nothing is put before text that goes on from another.
    ///
    /// - Throws: `Failure` (bad data) where an expression takes too long.
    func normalized(
        _ text: [UInt8], at start: TextStart = .text, by deadline: SearchDeadline = SearchDeadline()
    ) throws(Failure) -> [UInt8] {
        var text = text
        for step in steps {
            switch step {
            case .form(let form):
                text = form.normalized(text)
            case .lowercase:
                text = Self.mapping(text) { $0.properties.lowercaseMapping.utf8 }
            case .stripAccents:
                text = Self.mapping(text) {
                    $0.isMarkOfUnicode9 ? "".utf8 : String($0).utf8
                }
            case .prepend(let prefix):
                if !text.isEmpty, start != .withinText { text = prefix + text }
            case .replace(let pattern, let replacement):
                text = try Self.replacing(pattern, with: replacement, in: text, by: deadline)
            case .strip(let left, let right):
                text = Self.stripping(text, left: left, right: right)
            case .map(let map):
                text = map.replacingGraphemes(in: text)
            case .sentencePiece(let normalizer):
                text = normalizer.normalized(text, at: start)
            }
        }
        return text
    }

    private static func mapping(
        _ text: [UInt8], _ map: (Unicode.Scalar) -> String.UTF8View
    ) -> [UInt8] {
        var mapped: [UInt8] = []
        mapped.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let (scalar, end) = text.span.scalar(at: index)
            mapped += map(scalar)
            index = end
        }
        return mapped
    }

    private static func replacing(
        _ pattern: SplitPattern, with replacement: [UInt8], in text: [UInt8],
        by deadline: SearchDeadline
    ) throws(Failure) -> [UInt8] {
        let matches = try pattern.matches(in: text.span, 0..<text.count, by: deadline)
        if matches.isEmpty { return text }
        var replaced: [UInt8] = []
        replaced.reserveCapacity(text.count + matches.count * replacement.count)
        var index = 0
        for match in matches {
            replaced += text[index..<match.lowerBound]
            replaced += replacement
            index = match.upperBound
        }
        replaced += text[index...]
        return replaced
    }

    private static func stripping(_ text: [UInt8], left: Bool, right: Bool) -> [UInt8] {
        var range = 0..<text.count
        if left {
            range = text.span.endOfRun(.space, from: 0, limit: text.count)..<text.count
        }
        while right, !range.isEmpty {
            var last = range.upperBound - 1
            while last > range.lowerBound, text[last] & 0xC0 == 0x80 { last -= 1 }
            guard text.span.scalarClass(at: last).kind == .space else { break }
            range = range.lowerBound..<last
        }
        return Array(text[range])
    }
}

extension Unicode.Scalar {
    /// Whether Unicode 9 had this as a combining mark; two are letters since.
    fileprivate var isMarkOfUnicode9: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: (properties.age?.major ?? .max) <= 9
        default: value == 0x1CF2 || value == 0x1CF3
        }
    }
}
