extension AttributeSpecification {
    /// What is wrong with a value; nil for a valid one.
    func problem(with value: AttributeContent) -> String? {
        let type = value.type
        guard type.dtype == dtype, type.isArray == (shape != nil) else {
            let found = type.isArray ? "a list of \(type.dtype)" : type.dtype
            return "it is \(found), and should be \(shape == nil ? dtype : "a list of " + dtype)"
        }
        if case .string(let text) = value, format == "sha256", !isSHA256(text) {
            return "'\(text.prefix(80))' isn't a SHA-256"
        }
        let found: SchemaValue
        switch value {
        case .string(let text): found = .text(text)
        case .int64(let number): found = .number(Double(number))
        case .float64(let number): found = .number(number)
        default: return nil
        }
        if let values, !values.contains(found) {
            return "\(found) is none of \(values.map(\.description).joined(separator: ", "))"
        }
        guard case .number(let number) = found else { return nil }
        if let minimum, number < minimum { return "\(found) is less than \(plain(minimum))" }
        if let maximum, number > maximum { return "\(found) is more than \(plain(maximum))" }
        return nil
    }
}

extension SchemaValue: CustomStringConvertible {
    /// The text in quotes, or the number.
    package var description: String {
        switch self {
        case .text(let text): "'\(text.prefix(80))'"
        case .number(let number): plain(number)
        }
    }
}
