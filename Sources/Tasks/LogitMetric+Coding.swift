package import Basics
import Foundation

extension LogitMetric {
    /// The largest file that is read.
    private static let largestFile = 1 << 20

    /// Reads a metric from a file of JSON.
    /// - Throws: `Failure`: missing input where there is none, bad data where it isn't a metric.
    package init(file path: String) throws(Failure) {
        let data: Data
        do {
            let file = FileHandle(forReadingAtPath: path)
            // At the end of a file, as in an empty one, there is nothing to read.
            data = try file.map { try $0.read(upToCount: Self.largestFile) ?? Data() } ?? Data()
            guard file != nil else { throw CocoaError(.fileNoSuchFile) }
        } catch {
            throw Failure(.missingInput, "\(path): there is no such file, or it can't be read")
        }
        guard !data.isEmpty else { throw Failure(.badData, "\(path): it is empty") }
        do {
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch let error as FormatError {
            throw Failure(.badData, "\(path): \(error.reason) (docs/metrics.md has an example)")
        } catch {
            throw Failure(
                .badData, "\(path): it isn't a metric in JSON (docs/metrics.md has an example)")
        }
        if Metric.allCases.contains(where: { $0.name == name }) {
            throw Failure(.badData, "\(path): the name `\(name)` is that of another metric")
        }
    }

    /// The metric in the form in which artifacts name it: `NAME {...}`; nil where it is none.
    init?(stored: String) {
        guard let space = stored.firstIndex(of: " "),
            let metric = try? JSONDecoder().decode(
                Self.self, from: Data(stored[space...].utf8)),
            metric.name == stored[..<space]
        else { return nil }
        self = metric
    }

    /// The form in which artifacts name it: its name and, in JSON, all of its content.
    var stored: String { name + " " + ((try? JSONText.line(self)) ?? "{}") }

    /// Why JSON isn't a metric.
    private struct FormatError: Error {
        var reason: String
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Refuses keys that have no meaning.
    private static func requireKeys(
        of object: KeyedDecodingContainer<Key>, _ known: [String]
    ) throws {
        for key in object.allKeys.map(\.stringValue).sorted() where !known.contains(key) {
            let nearest = Spelling.nearest(to: key, among: known)
            throw FormatError(
                reason: "unknown key `\(key)`; "
                    + (nearest.map { "did you mean `\($0)`?" }
                        ?? "the keys are \(known.joined(separator: ", "))"))
        }
    }
}

extension LogitMetric: Codable {
    package init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        try Self.requireKeys(of: object, ["name", "better", "terms"])
        guard let name = try? object.decode(String.self, forKey: Key("name")), !name.isEmpty,
            name.utf8.count <= 64,
            name.utf8.allSatisfy({ "abcdefghijklmnopqrstuvwxyz0123456789-_.".utf8.contains($0) })
        else {
            throw FormatError(
                reason: "`name` must be a name of small letters, digits, '-', '_' and '.'")
        }
        let better = try? object.decodeIfPresent(String.self, forKey: Key("better")) ?? "high"
        guard let better, ["high", "low"].contains(better) else {
            throw FormatError(reason: "`better` must be \"high\" or \"low\"")
        }
        self.name = name
        higherIsBetter = better == "high"
        do {
            terms = try object.decode([Term].self, forKey: Key("terms"))
        } catch let error as FormatError {
            throw error
        } catch {
            throw FormatError(
                reason: "`terms` must be a list of objects with `weight`, `of`, `tokens`, `at`")
        }
        if terms.isEmpty { throw FormatError(reason: "`terms` is empty") }
    }

    package func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(name, forKey: Key("name"))
        try object.encode(higherIsBetter ? "high" : "low", forKey: Key("better"))
        try object.encode(terms, forKey: Key("terms"))
    }
}

extension LogitMetric.Term: Codable {
    package init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: LogitMetric.Key.self)
        try LogitMetric.requireKeys(of: object, ["weight", "of", "tokens", "at"])
        let weight = try? object.decodeIfPresent(Double.self, forKey: .init("weight")) ?? 1
        guard let weight, weight.isFinite, weight != 0 else {
            throw LogitMetric.FormatError(reason: "a `weight` must be a number other than 0")
        }
        let name = try? object.decodeIfPresent(String.self, forKey: .init("of")) ?? "mean"
        guard let reduction = name.flatMap(LogitMetric.Reduction.init(rawValue:)) else {
            let names = LogitMetric.Reduction.allCases.map { "\"\($0.rawValue)\"" }
            throw LogitMetric.FormatError(
                reason: "`of` must be \(names.joined(separator: ", "))")
        }
        self.weight = weight
        self.reduction = reduction
        position = try Self.position(in: object)
        let set = try? object.decode(String.self, forKey: .init("tokens"))
        switch set {
        case "answers": tokens = .answers
        case "wrong_answers": tokens = .wrongAnswers
        case "all": tokens = .all
        case nil, _:
            let listed = try? object.decode([LogitMetric.Token].self, forKey: .init("tokens"))
            guard let listed, !listed.isEmpty, Set(listed).count == listed.count else {
                throw LogitMetric.FormatError(
                    reason: "`tokens` must be a list of different texts and ids, such as "
                        + "[\" is\", 318], or \"answers\", \"wrong_answers\" or \"all\"")
            }
            tokens = .listed(listed)
        }
        if tokens == .all, reduction != .logSumExp {
            throw LogitMetric.FormatError(
                reason: "`tokens` \"all\" goes with `of` \"log-sum-exp\" alone")
        }
    }

    /// A name, or a number; `end` where there is none.
    private static func position(
        in object: KeyedDecodingContainer<LogitMetric.Key>
    ) throws -> LogitMetric.Position {
        guard object.contains(.init("at")) else { return .end }
        if let index = try? object.decode(Int32.self, forKey: .init("at")) {
            return index == -1 ? .end : .index(Int(index))
        }
        guard let name = try? object.decode(String.self, forKey: .init("at")), !name.isEmpty,
            Int(name) == nil
        else {
            throw LogitMetric.FormatError(
                reason: "`at` must be the name of a position, such as \"S2\" or \"end\", or a "
                    + "number (-1 is the last)")
        }
        return name == "end" ? .end : .named(name)
    }

    package func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: LogitMetric.Key.self)
        switch position {
        case .end: break
        case .named(let name): try object.encode(name, forKey: .init("at"))
        case .index(let index): try object.encode(index, forKey: .init("at"))
        }
        try object.encode(weight, forKey: .init("weight"))
        try object.encode(reduction.rawValue, forKey: .init("of"))
        switch tokens {
        case .answers: try object.encode("answers", forKey: .init("tokens"))
        case .wrongAnswers: try object.encode("wrong_answers", forKey: .init("tokens"))
        case .all: try object.encode("all", forKey: .init("tokens"))
        case .listed(let tokens): try object.encode(tokens, forKey: .init("tokens"))
        }
    }
}

/// A text, an id, or `{"text": " is", "id": 318}`.
extension LogitMetric.Token: Codable {
    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self.init(text: text)
        } else if let id = try? value.decode(Int32.self) {
            self.init(id: id)
        } else {
            let object = try decoder.container(keyedBy: LogitMetric.Key.self)
            try LogitMetric.requireKeys(of: object, ["text", "id"])
            self.init(
                text: try object.decodeIfPresent(String.self, forKey: .init("text")),
                id: try object.decodeIfPresent(Int32.self, forKey: .init("id")))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        guard let text else {
            var value = encoder.singleValueContainer()
            return try value.encode(id)
        }
        var object = encoder.container(keyedBy: LogitMetric.Key.self)
        try object.encode(text, forKey: .init("text"))
        try object.encodeIfPresent(id, forKey: .init("id"))
    }
}
