import Basics
import FoundationEssentials
import Tasks

/// The fields of a pair in the toolkit's own files: those of an object of JSONL, or the columns of a
/// CSV.
struct PairFields: Decodable {
    /// A field, or column.
    enum Name: String, CaseIterable {
        case clean, corrupted, answers
        case wrongAnswers = "wrong_answers"
        case cleanIDs = "clean_ids"
        case corruptedIDs = "corrupted_ids"
        case answerIDs = "answer_ids"
        case wrongAnswerIDs = "wrong_answer_ids"
        case positions

        /// What its value has to be.
        var meaning: String {
            switch self {
            case .clean, .corrupted: "a text"
            case .answers, .wrongAnswers: #"a list of texts, such as [" Paris"]"#
            case .cleanIDs, .corruptedIDs: "a list of token ids, such as [464, 3139]"
            case .answerIDs, .wrongAnswerIDs:
                "a list of answers, each a token id or a list of them, such as [6342, [318, 257]]"
            case .positions: #"an object of token positions by name, such as {"subject": 3}"#
            }
        }
    }

    /// Why fields aren't those of a pair.
    struct FieldError: Error {
        /// In a line, the field named.
        var reason: String
    }

    private var texts: [Name: String] = [:]
    private var ids: [Name: [Int32]] = [:]
    private var textSets: [Name: [String]] = [:]
    private var idSets: [Name: [[Int32]]] = [:]
    private var positions: [String: Int] = [:]
    /// The fields that have no meaning, in the order of their names.
    private(set) var unknown: [String] = []

    /// No fields.
    init() {}

    /// The fields of an object.
    /// - Throws: ``FieldError`` for a value of another type than its field's.
    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: AnyKey.self)
        for key in object.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            guard let name = Name(rawValue: key.stringValue) else {
                unknown.append(key.stringValue)
                continue
            }
            if (try? object.decodeNil(forKey: key)) == true { continue }
            do {
                try set(name, from: object, at: key)
            } catch {
                throw FieldError(reason: "`\(name.rawValue)` must be \(name.meaning)")
            }
        }
    }

    private mutating func set(
        _ name: Name, from object: KeyedDecodingContainer<AnyKey>, at key: AnyKey
    ) throws {
        switch name {
        case .clean, .corrupted: texts[name] = try object.decode(String.self, forKey: key)
        case .answers, .wrongAnswers:
            textSets[name] = try object.decode(OneOrMore<String>.self, forKey: key).values
        case .cleanIDs, .corruptedIDs: ids[name] = try object.decode([Int32].self, forKey: key)
        case .answerIDs, .wrongAnswerIDs:
            // A list is one of answers, never one answer of several tokens.
            let answer = try? object.decode(Int32.self, forKey: key)
            idSets[name] =
                try answer.map { [[$0]] }
                ?? object.decode([OneOrMore<Int32>].self, forKey: key).map(\.values)
        case .positions: positions = try object.decode([String: Int].self, forKey: key)
        }
    }

    /// Sets a field from a cell of a table, unless it is empty.
    ///
    /// A list is one of JSON where the cell begins with `[`; otherwise its parts are separated by `|`,
    /// and prompts' token ids by spaces or commas as well.
    /// - Throws: ``FieldError``.
    mutating func set(_ name: Name, cell: String) throws(FieldError) {
        if cell.isEmpty { return }
        switch name {
        case .clean, .corrupted: texts[name] = cell
        case .answers, .wrongAnswers:
            textSets[name] = try list(name, cell) { parts in parts.map(String.init) }
        case .cleanIDs, .corruptedIDs:
            ids[name] = try list(name, cell, separators: "|, ") { Self.numbers($0) }
        case .answerIDs, .wrongAnswerIDs:
            idSets[name] =
                try list(name, cell) { Self.numbers($0)?.map { OneOrMore(values: [$0]) } }
                .map(\.values)
        case .positions: positions = try json([String: Int].self, name, cell)
        }
    }

    private func list<Element: Decodable>(
        _ name: Name, _ cell: String, separators: String = "|", _ read: ([Substring]) -> [Element]?
    ) throws(FieldError) -> [Element] {
        if cell.hasPrefix("[") { return try json([Element].self, name, cell) }
        guard let elements = read(cell.split { separators.contains($0) }) else {
            throw FieldError(
                reason: "`\(name.rawValue)` must be \(name.meaning) (or its parts with | between "
                    + "them)")
        }
        return elements
    }

    private func json<Value: Decodable>(
        _ type: Value.Type, _ name: Name, _ cell: String
    ) throws(FieldError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(cell.utf8))
        } catch {
            throw FieldError(reason: "`\(name.rawValue)` must be \(name.meaning), in JSON")
        }
    }

    private static func numbers(_ parts: [Substring]) -> [Int32]? {
        let numbers = parts.map { Int32($0.filter { !$0.isWhitespace }) }
        return numbers.contains(nil) ? nil : numbers.compactMap(\.self)
    }

    /// The pair.
    /// - Throws: ``FieldError`` where a prompt is missing, or given twice.
    func pair() throws(FieldError) -> PromptPair {
        PromptPair(
            clean: try prompt(.clean, .cleanIDs), corrupted: try prompt(.corrupted, .corruptedIDs),
            answers: try answers(.answers, .answerIDs),
            wrongAnswers: try answers(.wrongAnswers, .wrongAnswerIDs),
            positions: positions.mapValues { .token($0) })
    }

    private func prompt(
        _ field: Name, _ idField: Name
    ) throws(FieldError) -> PromptPair.Content {
        try refuse(texts[field] != nil && ids[idField] != nil, field, idField)
        if let text = texts[field] { return .text(text) }
        if let ids = ids[idField] { return .ids(ids) }
        throw FieldError(reason: "it has neither `\(field.rawValue)` nor `\(idField.rawValue)`")
    }

    private func answers(
        _ field: Name, _ idField: Name
    ) throws(FieldError) -> [PromptPair.Content] {
        try refuse(textSets[field] != nil && idSets[idField] != nil, field, idField)
        return (textSets[field] ?? []).map { .text($0) } + (idSets[idField] ?? []).map { .ids($0) }
    }

    private func refuse(_ hasBoth: Bool, _ one: Name, _ other: Name) throws(FieldError) {
        guard hasBoth else { return }
        throw FieldError(reason: "it has both `\(one.rawValue)` and `\(other.rawValue)`; give one")
    }

    /// Refuses a field without meaning that is probably a misspelt one.
    static func requireSpelling(of unknown: [String]) throws(FieldError) {
        for name in unknown {
            guard let meant = Spelling.nearest(to: name, among: Name.allCases.map(\.rawValue))
            else {
                continue
            }
            throw FieldError(reason: "unknown field `\(name)`; did you mean `\(meant)`?")
        }
    }
}

/// A key of any name.
private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// A list, or its only element without the brackets.
private struct OneOrMore<Element: Decodable>: Decodable {
    var values: [Element]

    init(values: [Element]) { self.values = values }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        values = try (try? [container.decode(Element.self)]) ?? container.decode([Element].self)
    }
}
