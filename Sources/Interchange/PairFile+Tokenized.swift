package import Basics
package import Tasks
import Tokenization

extension PairFile {
    /// The pairs as tokens of a model, and those that were left out.
    package struct Tokenized: Sendable {
        /// The pairs that can be used with the model.
        package var pairs: [TokenizedPair] = []
        /// Where each of them is in the file: `line 3`.
        package var locations: [String] = []
        /// For each pair that was left out its location and the reason, in one line.
        package var unfit: [String] = []
        /// What is probably not meant, a line for each kind, with the first pair that has it.
        package var warnings: [String] = []
    }

    /// The first `count` pairs (all, if nil) as tokens of `tokenizer`.
    ///
    /// - Parameter skippingUnfit: Whether pairs that can't be used with this model (because their
    ///   prompts have unequal numbers of tokens, for example) are left out; otherwise they are an
    ///   error.
    /// - Throws: `Failure` (bad data) that names the pair.
    package func tokenized(
        with tokenizer: PairTokenizer, count: Int? = nil, skippingUnfit: Bool = false
    ) throws(Failure) -> Tokenized {
        var result = Tokenized()
        var doubts: [PairDoubt.Kind: (first: String, count: Int)] = [:]
        for record in records where result.pairs.count < count ?? .max {
            do {
                let pair = try record.pair(tokenizer.vocabulary)
                result.pairs.append(try tokenizer.tokenize(pair))
                result.locations.append(record.location)
                for doubt in tokenizer.doubts(about: pair) {
                    doubts[doubt.kind, default: ("\(record.location): \(doubt.message)", 0)]
                        .count += 1
                }
            } catch {
                let reason = "\(source), \(record.location): \(error.description)"
                guard skippingUnfit else {
                    throw Failure(
                        .badData, reason + " (or leave such pairs out with --skip-unfit)")
                }
                result.unfit.append(reason)
            }
        }
        result.warnings = doubts.sorted { $0.key.rawValue < $1.key.rawValue }.map { _, seen in
            "\(source), \(seen.first)" + (seen.count > 1 ? " (and \(seen.count - 1) more)" : "")
        }
        if case .eapIG(let format) = format, let pair = result.pairs.first {
            result.warnings += format.doubts(about: pair, tokenizer.vocabulary).map {
                "\(source): \($0)"
            }
        }
        if result.pairs.isEmpty, let reason = result.unfit.first {
            throw Failure(.badData, "none of its pairs fits this model: \(reason)")
        }
        if let count, result.pairs.count < count {
            throw Failure(
                .badData,
                "\(source): it has \(result.pairs.count) pairs that fit, and \(count) were asked for"
            )
        }
        return result
    }
}

extension EAPIGFormat {
    /// What a reader of such a file has to check, by its first pair.
    fileprivate func doubts(
        about pair: TokenizedPair, _ vocabulary: TaskVocabulary
    ) -> [String] {
        func text(_ ids: [Int32]?) -> String {
            guard let ids else { return "nothing" }
            return vocabulary.tokenizer.map { "`\($0.decode(ids))`" } ?? "\(ids)"
        }
        switch self {
        case .answerIDs:
            return [
                "its answers are token ids of a tokenizer that the file doesn't name; with this "
                    + "model's, the first pair's are \(text(pair.answers.first)) against "
                    + "\(text(pair.wrongAnswers.first)): is that meant?"
            ]
        case .agreement:
            return [
                "right and wrong are \(pair.answers.count) verbs of the toolkit's own list "
                    + "(\(text(pair.answers.first)) against \(text(pair.wrongAnswers.first)), and so "
                    + "on): the file has none"
            ]
        case .ioi, .greaterThan, .genderBias, .factRetrieval, .hypernymy: return []
        }
    }
}
