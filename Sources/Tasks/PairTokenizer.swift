package import Artifacts
package import Basics
import Tokenization

/// A pair in the tokens of a model, checked: see ``PairTokenizer``.
package struct TokenizedPair: Hashable, Sendable {
    /// The clean prompt's ids, with BOS where one is added.
    package var clean: [Int32]
    /// The corrupted prompt's ids, as many.
    package var corrupted: [Int32]
    /// The right answers' ids.
    package var answers: [[Int32]]
    /// The wrong answers' ids.
    package var wrongAnswers: [[Int32]]
    /// The named positions, `end` among them.
    package var positions: [String: Int32]
    /// The prompts' texts, where they were given as text.
    package var texts: (clean: String, corrupted: String)? {
        get { cleanText.flatMap { clean in corruptedText.map { (clean, $0) } } }
    }

    var cleanText: String?
    var corruptedText: String?
}

/// Puts pairs into the tokens of a model, and refuses those that can't be patched: the prompts of
/// a pair must be equally long, different, within the model's context, and made of its tokens; no
/// answer may be both right and wrong.
package struct PairTokenizer: Sendable {
    /// The tokens to use.
    package let vocabulary: TaskVocabulary
    /// The longest prompt the model reads, in tokens.
    package let contextLength: Int
    /// The id put before every prompt, nil where none is.
    package let bos: Int32?
    /// Whether answers of several tokens are refused: metrics over the next token's logits don't
    /// take them.
    package let requiresSingleTokenAnswers: Bool

    /// A tokenizer of pairs for a model.
    ///
    /// - Parameter addBOS: Whether BOS is put before prompts; nil leaves that to the tokenizer's
    ///   own settings.
    /// - Parameter requiresSingleTokenAnswers: Whether answers of several tokens are refused.
    /// - Throws: `Failure` (usage) where BOS is asked for and the model has none.
    package init(
        vocabulary: TaskVocabulary, contextLength: Int, addBOS: Bool? = nil,
        requiresSingleTokenAnswers: Bool = false
    ) throws(Failure) {
        self.vocabulary = vocabulary
        self.contextLength = contextLength
        self.requiresSingleTokenAnswers = requiresSingleTokenAnswers
        guard addBOS ?? vocabulary.tokenizer?.addsBOS ?? false else {
            bos = nil
            return
        }
        guard let id = vocabulary.tokenizer?.bosID else {
            throw Failure(
                .usage, "this model's tokenizer has no BOS token; leave --bos away")
        }
        bos = id
    }

    /// `pair` in the model's tokens.
    ///
    /// - Throws: `Failure` (bad data) that says what is wrong with the pair.
    package func tokenize(_ pair: PromptPair) throws(Failure) -> TokenizedPair {
        let start = bos.map { [$0] } ?? []
        let clean = try start + ids(of: pair.clean, "the clean prompt")
        let corrupted = try start + ids(of: pair.corrupted, "the corrupted prompt")
        guard clean.count == corrupted.count else {
            throw Failure(
                .badData,
                "the clean prompt has \(clean.count) tokens and the corrupted one "
                    + "\(corrupted.count); make them equally long")
        }
        guard clean.count > start.count else {
            throw Failure(.badData, "the prompts are empty")
        }
        guard clean != corrupted else {
            throw Failure(.badData, "the clean and the corrupted prompt are the same")
        }
        guard clean.count <= contextLength else {
            throw Failure(
                .badData,
                "its prompts have \(clean.count) tokens, and the model reads \(contextLength)")
        }
        var answers: [[Int32]] = []
        for answer in pair.answers {
            answers.append(try ids(of: answer, "an answer", continues: true))
        }
        var wrongAnswers: [[Int32]] = []
        for answer in pair.wrongAnswers {
            wrongAnswers.append(try ids(of: answer, "a wrong answer", continues: true))
        }
        guard !(answers + wrongAnswers).contains([]) else {
            throw Failure(.badData, "an answer is empty")
        }
        if requiresSingleTokenAnswers,
            let long = (answers + wrongAnswers).first(where: { $0.count > 1 })
        {
            let text = vocabulary.tokenizer?.decodeContinuation(long) ?? "\(long)"
            throw Failure(
                .badData, "the answer `\(text)` is \(long.count) tokens, and one is needed")
        }
        if let both = answers.first(where: wrongAnswers.contains) {
            let text = vocabulary.tokenizer?.decodeContinuation(both) ?? "\(both)"
            throw Failure(.badData, "`\(text)` is both a right and a wrong answer")
        }
        var positions = ["end": Int32(clean.count - 1)]
        for (name, position) in pair.positions.sorted(by: { $0.key < $1.key }) {
            guard !name.isEmpty, name != ".", !name.utf8.contains(0), !name.contains("/") else {
                // Names become those of HDF5 datasets.
                throw Failure(.badData, "`\(name)` can't be the name of a position")
            }
            positions[name] = try index(of: position, name, in: pair.clean, clean)
        }
        return TokenizedPair(
            clean: clean, corrupted: corrupted, answers: answers, wrongAnswers: wrongAnswers,
            positions: positions, cleanText: text(of: pair.clean),
            corruptedText: text(of: pair.corrupted))
    }

    private func text(of content: PromptPair.Content) -> String? {
        if case .text(let text) = content { text } else { nil }
    }

    private func ids(
        of content: PromptPair.Content, _ what: String, continues: Bool = false
    ) throws(Failure) -> [Int32] {
        let ids: [Int32]
        switch content {
        case .ids(let given):
            ids = given
        case .text(let text):
            guard let tokenizer = vocabulary.tokenizer else {
                throw Failure(
                    .badData, "\(what) is text, and \(vocabulary.whyNone); give token ids")
            }
            guard !text.utf8.contains(0) else {
                throw Failure(
                    .badData,
                    "\(what) has a NUL character (U+0000) in it, which artifacts can't "
                        + "hold; leave it away")
            }
            ids =
                try continues ? tokenizer.encodeContinuation(text) : tokenizer.encodeText(text)
        }
        if let id = ids.first(where: { $0 < 0 || Int($0) >= vocabulary.size }) {
            throw Failure(
                .badData,
                "\(what) has the token id \(id), and the model's go from 0 to "
                    + "\(vocabulary.size - 1)")
        }
        return ids
    }

    private func index(
        of position: PromptPair.Position, _ name: String, in prompt: PromptPair.Content,
        _ ids: [Int32]
    ) throws(Failure) -> Int32 {
        let offset = bos == nil ? 0 : 1
        switch position {
        case .token(let index):
            guard index >= 0, index < ids.count - offset else {
                throw Failure(
                    .badData, "position \(name) is \(index), outside its \(ids.count) tokens")
            }
            return Int32(index + offset)
        case .textEnd(let end):
            guard let text = text(of: prompt), let tokenizer = vocabulary.tokenizer else {
                throw Failure(.badData, "position \(name) is a place in text, not in ids")
            }
            let start = try tokenizer.encodeText(
                String(decoding: text.utf8.prefix(end), as: UTF8.self))
            guard !start.isEmpty, ids.dropFirst(offset).starts(with: start) else {
                throw Failure(.badData, "no token ends where its word for \(name) ends")
            }
            return Int32(start.count - 1 + offset)
        }
    }
}

extension DatasetArtifact {
    /// The dataset of `pairs`, made for `model` by `tokenizer`.
    package init(
        _ pairs: [TokenizedPair], task: String, seed: UInt64?, model: ModelReference,
        tokenizer: PairTokenizer
    ) {
        let texts = pairs.compactMap(\.texts)
        let hasTexts = texts.count == pairs.count
        let names = Set(pairs.flatMap(\.positions.keys))
        func answerTexts(_ sets: [[[Int32]]]) -> [[String]]? {
            guard let texts = tokenizer.vocabulary.tokenizer else { return nil }
            let decoded = sets.map { $0.map { texts.decodeContinuation($0) } }
            // A NUL, which HDF5's strings can't hold, is a token of some vocabularies.
            return decoded.joined().contains { $0.utf8.contains(0) } ? nil : decoded
        }
        self.init(
            model: model, task: task, seed: seed.map { Int(truncatingIfNeeded: $0) },
            clean: Prompts(texts: hasTexts ? texts.map(\.clean) : nil, ids: pairs.map(\.clean)),
            corrupted: Prompts(
                texts: hasTexts ? texts.map(\.corrupted) : nil, ids: pairs.map(\.corrupted)),
            answers: pairs.map(\.answers), wrongAnswers: pairs.map(\.wrongAnswers),
            answerTexts: answerTexts(pairs.map(\.answers)),
            wrongAnswerTexts: answerTexts(pairs.map(\.wrongAnswers)),
            positions: Dictionary(
                uniqueKeysWithValues: names.map { name in
                    (name, pairs.map { $0.positions[name] ?? -1 })
                }),
            bosAdded: tokenizer.bos != nil)
        let prompts = clean.ids + corrupted.ids
        let answers = (answers + wrongAnswers).flatMap(\.self)
        for id in Set((prompts + answers).joined()) {
            tokenTexts[id] = tokenizer.vocabulary.tokenizer?.token(for: id)
        }
    }
}
