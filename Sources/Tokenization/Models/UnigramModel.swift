/// A unigram language model over tokens: of all ways to cut a word, the most probable.
///
/// The search is that of SentencePiece (Kudo 2018, arXiv:1804.10959), which `tokenizers` took over:
/// the best way to reach each place of the word, from left to right.
struct UnigramModel: Sendable {
    /// The logarithm of each token's probability, by id; not a number for one that no text makes.
    var scores: [Double]
    /// What a character counts that no token begins with.
    var unknownScore: Double
    /// What such characters become. A tokenizer without one can't encode them.
    var unknownID: Int32?
    /// Whether neighbouring unknown characters become one unknown token.
    var fusesUnknown = true
    /// The token of each byte, for unknown characters; empty where the model has none.
    var byteTokens: [Int32] = []
    /// Whether sums are rounded to float32, as SentencePiece's are; those of `tokenizers` aren't.
    var roundsSums = false

    /// Extra cost of an unknown character, in both libraries.
    static let unknownPenalty = 10.0
}

/// Makes tokens of words, keeping its buffers from word to word.
struct UnigramEncoder {
    /// The best way to a place.
    private struct Step {
        var id: Int32 = 0
        var score = 0.0
        /// Where its last token starts; -1 where the place can't be reached.
        var start = -1
        /// Whether its last token is an unknown character.
        var isUnknown = false
    }

    /// Whether some character had no token, and the model has no unknown one.
    private(set) var hasFailed = false
    private let model: UnigramModel
    private let index: TokenIndex
    private var steps: [Step] = []
    private var pieces: [(range: Range<Int>, step: Step)] = []

    /// An encoder of words into the tokens that `index` finds.
    init(_ model: UnigramModel, _ index: TokenIndex) {
        self.model = model
        self.index = index
    }

    /// Appends the ids of the word that is `range` of `text`.
    mutating func encode(_ text: Span<UInt8>, _ range: Range<Int>, into ids: inout [Int32]) {
        search(text, range)
        pieces.removeAll(keepingCapacity: true)
        var end = range.count
        while end > 0 {
            let step = steps[end]
            let piece = range.lowerBound + step.start..<range.lowerBound + end
            if step.isUnknown, model.fusesUnknown, let last = pieces.last, last.step.isUnknown {
                pieces[pieces.count - 1].range = piece.lowerBound..<last.range.upperBound
            } else {
                pieces.append((piece, step))
            }
            end = step.start
        }
        for (piece, step) in pieces.reversed() {
            if !step.isUnknown {
                ids.append(step.id)
            } else if !model.byteTokens.isEmpty,
                piece.allSatisfy({ model.byteTokens[Int(text[$0])] >= 0 })
            {
                for byte in piece { ids.append(model.byteTokens[Int(text[byte])]) }
            } else if let unknown = model.unknownID {
                ids.append(unknown)
            } else {
                hasFailed = true
            }
        }
    }

    private mutating func search(_ text: Span<UInt8>, _ range: Range<Int>) {
        steps.removeAll(keepingCapacity: true)
        steps.append(contentsOf: repeatElement(Step(), count: range.count + 1))
        var start = range.lowerBound
        while start < range.upperBound {
            let score = steps[start - range.lowerBound].score
            let next = min(text.scalar(at: start).end, range.upperBound)
            var hasOneCharacter = false
            index.forEachToken(in: text, at: start, limit: range.upperBound) { id, end in
                guard !model.scores[Int(id)].isNaN else { return }
                if end == next { hasOneCharacter = true }
                reach(
                    end - range.lowerBound,
                    Step(
                        id: id, score: model.scores[Int(id)] + score,
                        start: start - range.lowerBound))
            }
            if !hasOneCharacter {
                reach(
                    next - range.lowerBound,
                    Step(
                        score: rounded(model.unknownScore + score),
                        start: start - range.lowerBound, isUnknown: true))
            }
            start = next
        }
    }

    private mutating func reach(_ place: Int, _ step: Step) {
        guard steps[place].start < 0 || step.score > steps[place].score else { return }
        steps[place] = step
        steps[place].score = rounded(step.score)
    }

    private func rounded(_ score: Double) -> Double {
        model.roundsSums ? Double(Float(score)) : score
    }
}
