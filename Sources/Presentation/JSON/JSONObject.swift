/// A JSON object that is built field by field.
struct JSONObject: Encodable {
    private var fields: [String: any Encodable] = [:]

    /// Sets a field; leaves it out where there is no value.
    mutating func set<Value: Encodable>(_ key: String, _ value: Value?) {
        if let value { fields[key] = value }
    }

    /// Takes over the fields of another object.
    mutating func merge(_ other: JSONObject) {
        fields.merge(other.fields) { _, new in new }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for (key, value) in fields {
            try container.encode(value, forKey: Key(stringValue: key))
        }
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension BinaryFloatingPoint {
    /// The value; nil for NaN and the infinities, which JSON can't write. Adding 0 turns -0 into 0.
    var finite: Self? { isFinite ? self + 0 : nil }
}
