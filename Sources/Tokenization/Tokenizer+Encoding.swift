extension Tokenizer {
    /// The ids of `text`.
    ///
    /// With `addBOS` left out the tokenizer's own settings hold, as in `transformers`. With `true`
    /// the ids start with BOS if there is one (``bosID``), with `false` they don't.
    package func encode(_ text: String, addBOS: Bool? = nil) -> [Int32] {
        let settings = parts.prefix
        var ids: [Int32] =
            switch (addBOS, parts.bosID) {
            case (true?, let bos?) where settings.first != bos: [bos] + settings
            case (false?, let bos?) where settings.first == bos: Array(settings.dropFirst())
            default: settings
            }
        ids += encodeText(text)
        return ids + parts.suffix
    }

    /// The ids of `text` alone, without what the settings put before and after it.
    package func encodeText(_ text: String) -> [Int32] { ids(of: text, isStart: true) }

    /// The ids of `text` where it goes on from another text: without the space that some tokenizers
    /// put before every text.
    package func encodeContinuation(_ text: String) -> [Int32] { ids(of: text, isStart: false) }

    private func ids(of text: String, isStart: Bool) -> [Int32] {
        let bytes = Array(text.utf8)
        var encoder = WordEncoder(self)
        for part in rawTokens.parts(of: bytes.span) {
            switch part {
            case .token(let id): encoder.ids.append(id)
            case .text(let range):
                let start: TextStart =
                    range.lowerBound > 0 ? .afterToken : isStart ? .text : .withinText
                let text = parts.normalizer.normalized(
                    range.count == bytes.count ? bytes : Array(bytes[range]), at: start)
                encode(text, at: start, with: &encoder)
            }
        }
        return encoder.ids
    }

    private func encode(
        _ text: [UInt8], at start: TextStart, with encoder: inout WordEncoder
    ) {
        for part in normalizedTokens.parts(of: text.span) {
            switch part {
            case .token(let id):
                encoder.ids.append(id)
            case .text(let range):
                var piece = range.count == text.count ? text : Array(text[range])
                let words = parts.preTokenizer.words(
                    in: &piece, at: range.lowerBound > 0 ? .afterToken : start)
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

    /// Appends the ids of the word that is `range` of `text`.
    mutating func encode(_ text: Span<UInt8>, _ range: Range<Int>) {
        bytePair?.encode(text, range, into: &ids)
        unigram?.encode(text, range, into: &ids)
    }
}
