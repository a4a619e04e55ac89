/// Byte-pair encoding: a word is cut into its smallest parts, and neighbours are merged.
struct BytePairModel: Sendable {
    /// The smallest parts of a word.
    enum Units: Sendable {
        /// Bytes: the token of each, -1 where there is none.
        case bytes([Int32])
        /// Characters. A character that is no token becomes the tokens of its bytes (`<0xE2>`), if
        /// `byteTokens` has all of them; it is empty where the model has none.
        case characters(byteTokens: [Int32])
    }

    /// Where merges come from.
    enum Rules: Sendable {
        /// A list.
        case table(MergeTable)
        /// The scores of the tokens that they make.
        case scores(ScoredMerges)
    }

    /// The smallest parts of a word.
    var units: Units
    /// What merges into what.
    var rules: Rules
    /// Whether a word that is a token is one, whatever the merges make of it.
    var ignoresMerges = false
    /// What a part without a token becomes; such parts are left out where there is none.
    var unknownID: Int32?
    /// Whether neighbouring unknown parts become one unknown token.
    var fusesUnknown = false
    /// Tokens that are found before anything is merged, and merge with nothing: SentencePiece's
    /// user-defined ones.
    var fixedTokens: AddedTokens?
}

/// Makes tokens of words, keeping its buffers from word to word.
struct BytePairEncoder {
    private let model: BytePairModel
    private let index: TokenIndex
    private var word: [Int32] = []
    private var queue = MergeQueue()

    /// An encoder of words into the tokens that `index` finds.
    init(_ model: BytePairModel, _ index: TokenIndex) {
        self.model = model
        self.index = index
    }

    /// Appends the ids of the word that is `range` of `text`.
    mutating func encode(_ text: Span<UInt8>, _ range: Range<Int>, into ids: inout [Int32]) {
        if model.ignoresMerges, let id = index.id(of: text, range) {
            ids.append(id)
            return
        }
        word.removeAll(keepingCapacity: true)
        switch model.units {
        case .bytes(let tokens): appendBytes(text, range, tokens)
        case .characters(let byteTokens): appendCharacters(text, range, byteTokens)
        }
        switch model.rules {
        case .table(let table): queue.merge(&word, with: table)
        case .scores(let scores):
            queue.merge(&word, with: scores)
            if !queue.partsOfTemporary.isEmpty { word = word.flatMap(lastingParts) }
        }
        let count = Int32(index.tokens.count)
        if model.fixedTokens != nil {
            for position in word.indices where word[position] >= count { word[position] -= count }
        }
        ids.append(contentsOf: word)
    }

    private mutating func appendBytes(
        _ text: Span<UInt8>, _ range: Range<Int>, _ tokens: [Int32]
    ) {
        var isAfterUnknown = false
        for index in range {
            let token = tokens[Int(text[index])]
            if token >= 0 {
                word.append(token)
            } else if let unknown = model.unknownID, !(model.fusesUnknown && isAfterUnknown) {
                word.append(unknown)
            }
            isAfterUnknown = token < 0
        }
    }

    private mutating func appendCharacters(
        _ text: Span<UInt8>, _ range: Range<Int>, _ byteTokens: [Int32]
    ) {
        var hasUnknown = false  // not appended yet: a later one may belong to it
        var start = range.lowerBound
        while start < range.upperBound {
            if let fixed = model.fixedTokens?.longestToken(
                in: text, at: start, limit: range.upperBound)
            {
                if hasUnknown, let unknown = model.unknownID { word.append(unknown) }
                hasUnknown = false
                word.append(fixed.id + Int32(index.tokens.count))
                start += fixed.content.count
                continue
            }
            let end = min(text.scalar(at: start).end, range.upperBound)
            if let id = index.id(of: text, start..<end) {
                if hasUnknown, let unknown = model.unknownID { word.append(unknown) }
                hasUnknown = false
                word.append(id)
            } else if !byteTokens.isEmpty,
                (start..<end).allSatisfy({ byteTokens[Int(text[$0])] >= 0 })
            {
                // As in `tokenizers`, an unknown character before them comes after them.
                for index in start..<end { word.append(byteTokens[Int(text[index])]) }
            } else if let unknown = model.unknownID {
                if hasUnknown, !model.fusesUnknown { word.append(unknown) }
                hasUnknown = true
            }
            start = end
        }
        if hasUnknown, let unknown = model.unknownID { word.append(unknown) }
    }

    /// Token `id`, or what it was made of if it is a temporary one.
    private func lastingParts(of id: Int32) -> [Int32] {
        guard let (left, right) = queue.partsOfTemporary[id] else { return [id] }
        return lastingParts(of: left) + lastingParts(of: right)
    }
}
