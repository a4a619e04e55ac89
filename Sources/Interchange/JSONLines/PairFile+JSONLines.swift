import Basics
import FoundationEssentials
import Tasks

extension PairFile {
    /// The longest line, or list of pairs, in bytes: JSON takes some twenty times its size to read.
    private static let longestJSON = 16 << 20

    /// The records of JSONL: one object a line; empty lines are skipped. A list of objects, and a
    /// single object over several lines, are read as well.
    static func jsonLines(
        _ text: [UInt8], source: String
    ) throws(Failure) -> (records: [Record], warnings: [String]) {
        var reader = JSONRecords(source: source)
        if text.first(where: { !" \t\r\n\u{FEFF}".utf8.contains($0) }) == UInt8(ascii: "[") {
            try reader.addList(text, longest: longestJSON)
            return (reader.records, reader.warnings)
        }
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated()
        where line.contains(where: { !" \t\r".utf8.contains($0) }) {
            guard line.count <= longestJSON else {
                throw Failure(
                    .badData,
                    "\(source), line \(index + 1): it is longer than \(longestJSON >> 20) MiB; "
                        + "give one pair a line")
            }
            do {
                try reader.add(Data(line), location: "line \(index + 1)")
            } catch {
                if reader.records.isEmpty, reader.addWhole(text, longest: longestJSON) { break }
                throw error
            }
        }
        return (reader.records, reader.warnings)
    }

    /// Whether the first line of `text` is an object by itself, and not AutoCircuit's.
    static func beginsWithPair(_ text: [UInt8]) -> Bool {
        struct Probe: Decodable {
            enum CodingKeys: CodingKey { case prompts }
            var isPair: Bool
            init(from decoder: any Decoder) throws {
                isPair = try !decoder.container(keyedBy: CodingKeys.self).contains(.prompts)
            }
        }
        let line = text.drop { " \t\r\n\u{FEFF}".utf8.contains($0) }.prefix {
            $0 != UInt8(ascii: "\n")
        }
        guard line.count <= longestJSON else { return true }
        return (try? JSONDecoder().decode(Probe.self, from: Data(line)))?.isPair ?? false
    }
}

/// Makes records of the objects of a file of JSON.
private struct JSONRecords {
    let source: String
    private(set) var records: [PairFile.Record] = []
    private var unknown = UnknownFields()
    private let decoder = JSONDecoder()

    init(source: String) { self.source = source }

    var warnings: [String] { unknown.warnings.map { "\(source), \($0)" } }

    /// Adds the pair of an object.
    /// - Throws: `Failure` that names `location`.
    mutating func add(_ object: Data, location: String) throws(Failure) {
        let fields: PairFields
        do {
            fields = try decoder.decode(PairFields.self, from: object)
        } catch let error as PairFields.FieldError {
            throw failure(error.reason, location)
        } catch {
            throw failure(JSONReading.reason(error), location)
        }
        if let repeated = RepeatedKey(in: object) {
            throw failure("it has `\(repeated.name)` twice", location)
        }
        try add(fields, location: location)
    }

    /// Adds the pairs of a list.
    mutating func addList(_ text: [UInt8], longest: Int) throws(Failure) {
        guard text.count <= longest else {
            throw Failure(
                .badData,
                "\(source): a list of more than \(longest >> 20) MiB; give one pair a line, as "
                    + "`jq -c '.[]'` writes them")
        }
        let list: [PairFields]
        do {
            list = try decoder.decode([PairFields].self, from: Data(text))
        } catch let error as PairFields.FieldError {
            throw Failure(.badData, "\(source): \(error.reason)")
        } catch {
            throw Failure(.badData, "\(source): \(JSONReading.reason(error))")
        }
        if let repeated = RepeatedKey(in: text) {
            throw Failure(.badData, "\(source): an object has `\(repeated.name)` twice")
        }
        for (index, fields) in list.enumerated() { try add(fields, location: "[\(index)]") }
    }

    /// Adds the pair of an object that is the whole text, on several lines.
    /// - Returns: whether it is one.
    mutating func addWhole(_ text: [UInt8], longest: Int) -> Bool {
        guard text.count <= longest,
            let fields = try? decoder.decode(PairFields.self, from: Data(text)),
            RepeatedKey(in: text) == nil
        else { return false }
        return (try? add(fields, location: "line 1")) != nil
    }

    private mutating func add(_ fields: PairFields, location: String) throws(Failure) {
        let pair: PromptPair
        do throws(PairFields.FieldError) {
            try PairFields.requireSpelling(of: fields.unknown)
            pair = PredictTag.resolving(try fields.pair())
        } catch {
            throw failure(error.reason, location)
        }
        unknown.add(fields.unknown, at: location)
        records.append(PairFile.Record(location: location) { (_) throws(Failure) in pair })
    }

    private func failure(_ reason: String, _ location: String) -> Failure {
        Failure(.badData, "\(source), \(location): \(reason)")
    }
}
