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
    package func encodeText(_ text: String) -> [Int32] {
        let bytes = Array(text.utf8)
        var encoder = WordEncoder(tokenizer: self)
        for part in rawTokens.parts(of: bytes.span) {
            switch part {
            case .token(let id): encoder.ids.append(id)
            case .text(let range): encode(normalized(Array(bytes[range])), with: &encoder)
            }
        }
        return encoder.ids
    }

    private func encode(_ text: [UInt8], with encoder: inout WordEncoder) {
        for part in normalizedTokens.parts(of: text.span) {
            switch part {
            case .token(let id):
                encoder.ids.append(id)
            case .text(let range):
                var piece = range.count == text.count ? text : Array(text[range])
                let words = parts.preTokenizer.words(in: &piece)
                for word in words { encoder.encode(piece.span, word) }
            }
        }
    }

    private func normalized(_ text: [UInt8]) -> [UInt8] {
        // Everything before U+0300 is in normal form C already, and so is most text.
        guard parts.normalizes, text.contains(where: { $0 >= 0xCC }) else { return text }
        return normalFormC(text)
    }
}

/// Merges the bytes of words into tokens, keeping its buffers from word to word.
struct WordEncoder {
    /// The ids of the words so far.
    var ids: [Int32] = []
    private let tokenizer: Tokenizer
    private var word: [Int32] = []
    private var queue = MergeQueue()

    /// An encoder of the words of `tokenizer`.
    init(tokenizer: Tokenizer) {
        self.tokenizer = tokenizer
    }

    /// Appends the ids of the word that is `range` of `text`.
    mutating func encode(_ text: Span<UInt8>, _ range: Range<Int>) {
        let parts = tokenizer.parts
        if parts.ignoresMerges, let id = parts.index.id(of: text, range) {
            ids.append(id)
            return
        }
        word.removeAll(keepingCapacity: true)
        var isAfterUnknown = false
        for index in range {
            let token = tokenizer.byteTokens[Int(text[index])]
            if token >= 0 {
                word.append(token)
            } else if let unknown = parts.unknownID, !(parts.fusesUnknown && isAfterUnknown) {
                word.append(unknown)
            }
            isAfterUnknown = token < 0
        }
        queue.merge(&word, with: parts.merges)
        ids.append(contentsOf: word)
    }
}
