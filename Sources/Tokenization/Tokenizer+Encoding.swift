package import Basics

extension Tokenizer {
    /// The ids of `text`.
    ///
    /// With `addBOS` left out the tokenizer's own settings hold, as in `transformers`. With `true`
    /// the ids start with BOS if there is one (``bosID``), with `false` they don't.
    ///
    /// - Throws: `Failure` (bad data) where the tokenizer's own expressions take too many steps to find
    ///   in the text, or where it has no token for a part of it, not even an unknown one.
    package func encode(_ text: String, addBOS: Bool? = nil) throws(Failure) -> [Int32] {
        let settings = parts.prefix
        var ids: [Int32] =
            switch (addBOS, parts.bosID) {
            case (true?, let bos?) where settings.first != bos: [bos] + settings
            case (false?, let bos?) where settings.first == bos: Array(settings.dropFirst())
            default: settings
            }
        ids += try encodeText(text)
        return ids + parts.suffix
    }

    /// The ids of `text` alone, without what the settings put before and after it.
    ///
    /// - Throws: As ``encode(_:addBOS:)``.
    package func encodeText(_ text: String) throws(Failure) -> [Int32] {
        try ids(of: text, isStart: true)
    }

    /// The ids of `text` where it goes on from another text: without the space that some tokenizers
    /// put before every text.
    ///
    /// - Throws: As ``encode(_:addBOS:)``.
    package func encodeContinuation(_ text: String) throws(Failure) -> [Int32] {
        try ids(of: text, isStart: false)
    }

    /// The words that the tokenizer's own rules cut `text` into, tokens aside: normalised, and written as
    /// they are looked up.
    ///
    /// - Throws: As ``encode(_:addBOS:)``.
    package func words(of text: String) throws(Failure) -> [String] {
        let deadline = SearchDeadline()
        var text = try parts.normalizer.normalized(Array(text.utf8), by: deadline)
        let words = try parts.preTokenizer.words(in: &text, at: .text, by: deadline)
        return words.map { String(decoding: text[$0], as: UTF8.self) }
    }

    private func ids(of text: String, isStart: Bool) throws(Failure) -> [Int32] {
        let deadline = SearchDeadline()
        let bytes = Array(text.utf8)
        var encoder = WordEncoder(self)
        for part in rawTokens.parts(of: bytes.span) {
            switch part {
            case .token(let id): encoder.ids.append(id)
            case .text(let range):
                let start: TextStart =
                    range.lowerBound > 0 ? .afterToken : isStart ? .text : .withinText
                let text = try parts.normalizer.normalized(
                    range.count == bytes.count ? bytes : Array(bytes[range]), at: start,
                    by: deadline)
                try encode(text, at: start, by: deadline, with: &encoder)
            }
        }
        guard !encoder.hasFailed else {
            throw Failure(
                .badData,
                "\(parts.source): no token for a character of the text, and no unknown token; give its"
                    + " token ids instead")
        }
        return encoder.ids
    }

    private func encode(
        _ text: [UInt8], at start: TextStart, by deadline: SearchDeadline,
        with encoder: inout WordEncoder
    ) throws(Failure) {
        for part in normalizedTokens.parts(of: text.span) {
            switch part {
            case .token(let id):
                encoder.ids.append(id)
            case .text(let range):
                var piece = range.count == text.count ? text : Array(text[range])
                let words = try parts.preTokenizer.words(
                    in: &piece, at: range.lowerBound > 0 ? .afterToken : start, by: deadline)
                for word in words { encoder.encode(piece.span, word) }
            }
        }
    }
}

/// Where a piece of text starts, which decides whether a space is put before it.
enum TextStart {
    /// It is where the text starts.
    case text
    /// An added token is before it.
    case afterToken
    /// It goes on from another text: nothing is put before it.
    case withinText
}

/// Makes tokens of the words of a text.
private struct WordEncoder {
    /// The ids of the words so far.
    var ids: [Int32] = []
    // One of the two; each has buffers, so it is changed where it lies.
    private var bytePair: BytePairEncoder?
    private var unigram: UnigramEncoder?

    /// An encoder of the words of `tokenizer`.
    init(_ tokenizer: Tokenizer) {
        let index = tokenizer.parts.index
        switch tokenizer.parts.model {
        case .bytePair(let model): bytePair = BytePairEncoder(model, index)
        case .unigram(let model): unigram = UnigramEncoder(model, index)
        }
    }

    /// Whether a character had no token at all.
    var hasFailed: Bool { unigram?.hasFailed ?? false }

    /// Appends the ids of the word that is `range` of `text`.
    mutating func encode(_ text: Span<UInt8>, _ range: Range<Int>) {
        bytePair?.encode(text, range, into: &ids)
        unigram?.encode(text, range, into: &ids)
    }
}
