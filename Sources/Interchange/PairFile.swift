package import Basics
import Tasks

/// Pairs of prompts in a file that isn't an artifact: JSONL, CSV, AutoCircuit's JSON, or one of
/// EAP-IG's CSV files. The code of a format is in the folder of its name.
///
/// The meaning of a record can depend on the model's tokenizer (that of EAP-IG's labels does), so
/// records become pairs in ``tokenized(with:count:skippingUnfit:)``.
package struct PairFile: Sendable {
    /// The format of a file.
    package enum Format: Hashable, Sendable {
        /// One object a line: `clean`, `corrupted`, `answers`, `wrong_answers`, or the same as
        /// token ids: `clean_ids`, `corrupted_ids`, `answer_ids`, `wrong_answer_ids`.
        case jsonLines
        /// The same as columns.
        case csv
        /// AutoCircuit's: one object with `prompts` and optionally `word_idxs`.
        case autoCircuit
        /// One of EAP-IG's.
        case eapIG(EAPIGFormat)

        /// What it is called in messages.
        package var name: String {
            switch self {
            case .jsonLines: "JSONL"
            case .csv: "CSV"
            case .autoCircuit: "AutoCircuit JSON"
            case .eapIG(let format): format.name
            }
        }
    }

    /// One pair of the file.
    struct Record: Sendable {
        /// Its location in the file, for errors: `line 3`.
        var location: String
        /// The pair that it means for a vocabulary.
        var pair: @Sendable (TaskVocabulary) throws(Failure) -> PromptPair
    }

    /// The file's name in errors.
    package let source: String
    /// The format.
    package let format: Format
    /// What a reader of the file should be told: fields that were ignored, a line each.
    package let warnings: [String]
    let records: [Record]

    /// The number of pairs in the file.
    package var count: Int { records.count }

    /// The pairs in `text`, the content of `source`. The format is recognised from the content.
    ///
    /// - Throws: `Failure` (bad data) with the line or row that can't be read.
    package init(text: [UInt8], source: String) throws(Failure) {
        self.source = source
        try Self.requireText(text, source: source)
        let start = text.first { !" \t\r\n\u{FEFF}".utf8.contains($0) }
        guard let start else {
            throw Failure(.badData, "\(source): it is empty; give one pair a line")
        }
        let isJSON = start == UInt8(ascii: "{") || start == UInt8(ascii: "[")
        if isJSON, start == UInt8(ascii: "{"), !Self.beginsWithPair(text),
            let prompts = try Self.autoCircuit(text, source: source)
        {
            (format, records, warnings) = (.autoCircuit, prompts, [])
        } else if isJSON {
            format = .jsonLines
            (records, warnings) = try Self.jsonLines(text, source: source)
        } else {
            (format, records, warnings) = try Self.csv(text, source: source)
        }
        guard !records.isEmpty else {
            throw Failure(.badData, "\(source): there are no pairs in it")
        }
    }

    /// Refuses what isn't UTF-8, and says what it is.
    private static func requireText(_ text: [UInt8], source: String) throws(Failure) {
        let isHDF5 = text.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A])
        if isHDF5 {
            throw Failure(.badData, "\(source): it is an HDF5 file, and pairs of text are needed")
        }
        if text.starts(with: [0xFF, 0xFE]) || text.starts(with: [0xFE, 0xFF]) {
            throw Failure(.badData, "\(source): it is UTF-16; save it as UTF-8")
        }
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if let bad = lines.firstIndex(where: { String(validating: $0, as: UTF8.self) == nil }) {
            throw Failure(.badData, "\(source), line \(bad + 1): it isn't UTF-8 text")
        }
    }

    /// The pairs in the file at `path`, `-` being standard input.
    package static func read(_ path: String) throws(Failure) -> PairFile {
        let source = path == "-" ? "standard input" : path
        return try PairFile(text: try FileContent.read(path), source: source)
    }
}
