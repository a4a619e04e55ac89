package import Basics
package import Tasks

/// Pairs of prompts in a file that isn't an artifact: JSONL, AutoCircuit's JSON, or one of EAP-IG's
/// CSV files. The code of a format is in the folder of its name.
///
/// The meaning of a record can depend on the model's tokenizer (that of EAP-IG's labels does), so
/// records become pairs in ``tokenized(with:count:skippingUnfit:)``.
package struct PairFile: Sendable {
    /// The format of a file.
    package enum Format: String, Hashable, Sendable {
        /// One object a line: `clean`, `corrupted`, `answers`, `wrong_answers`, or the same as
        /// token ids: `clean_ids`, `corrupted_ids`, `answer_ids`, `wrong_answer_ids`.
        case jsonLines = "JSONL"
        /// AutoCircuit's: one object with `prompts` and optionally `word_idxs`.
        case autoCircuit = "AutoCircuit JSON"
        /// EAP-IG's greater-than: `clean,corrupted,label`.
        case eapIGGreaterThan = "EAP-IG greater-than CSV"
        /// EAP-IG's IOI: `clean,corrupted,corrupted_hard,correct_idx,incorrect_idx`.
        case eapIGIOI = "EAP-IG IOI CSV"
    }

    /// One pair of the file.
    struct Record: Sendable {
        /// Its location in the file, for errors: `line 3`.
        var location: String
        /// The pair that it means for a vocabulary.
        var pair: @Sendable (TaskVocabulary) throws(Failure) -> PromptPair
    }

    /// The pairs as tokens of a model, and those that were left out.
    package struct Tokenized: Sendable {
        /// The pairs that can be used with the model.
        package var pairs: [TokenizedPair]
        /// For each pair that was left out its location and the reason, in one line.
        package var unfit: [String]
    }

    /// The file's name in errors.
    package let source: String
    /// The format.
    package let format: Format
    let records: [Record]

    /// The number of pairs in the file.
    package var count: Int { records.count }

    /// The pairs in `text`, the content of `source`. The format is recognised from the content.
    ///
    /// - Throws: `Failure` (bad data) with the line or row that can't be read.
    package init(text: [UInt8], source: String) throws(Failure) {
        self.source = source
        let start = text.first { !" \t\r\n\u{FEFF}".utf8.contains($0) }
        guard let start else {
            throw Failure(.badData, "\(source): it is empty; give one pair a line")
        }
        if start == UInt8(ascii: "{") || start == UInt8(ascii: "[") {
            if let prompts = try Self.autoCircuit(text, source: source) {
                (format, records) = (.autoCircuit, prompts)
            } else {
                (format, records) = (.jsonLines, try Self.jsonLines(text, source: source))
            }
        } else {
            (format, records) = try Self.eapIG(text, source: source)
        }
        if records.isEmpty {
            throw Failure(.badData, "\(source): it has no pairs")
        }
    }

    /// The pairs in the file at `path`, `-` being standard input.
    package static func read(_ path: String) throws(Failure) -> PairFile {
        let source = path == "-" ? "standard input" : path
        return try PairFile(text: try FileContent.read(path), source: source)
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
        var result = Tokenized(pairs: [], unfit: [])
        for record in records where result.pairs.count < count ?? .max {
            do {
                result.pairs.append(try tokenizer.tokenize(record.pair(tokenizer.vocabulary)))
            } catch {
                let reason = "\(source), \(record.location): \(error.description)"
                guard skippingUnfit else {
                    throw Failure(
                        .badData, reason + " (or leave such pairs out with --skip-unfit)")
                }
                result.unfit.append(reason)
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
