import Foundation

/// As much of JSON Schema as schemas/schema/1.0.0.json uses.
struct JSONSchemaChecker {
    let root: [String: Any]

    /// Where `document` isn't what the schema asks for.
    func problems(_ document: Any) -> [String] {
        problems(document, root, at: "")
    }

    private func problems(_ value: Any, _ schema: [String: Any], at path: String) -> [String] {
        let place = path.isEmpty ? "/" : path
        if let reference = schema["$ref"] as? String {
            let name = String(reference.dropFirst("#/$defs/".count))
            let definitions = root["$defs"] as? [String: [String: Any]]
            guard let definition = definitions?[name] else { return ["\(place): no \(reference)"] }
            return problems(value, definition, at: path)
        }
        if let choices = schema["anyOf"] as? [[String: Any]] {
            let isOne = choices.contains { problems(value, $0, at: path).isEmpty }
            return isOne ? [] : ["\(place): none of the choices"]
        }
        if let choices = schema["enum"] as? [String] {
            let isOne = (value as? String).map(choices.contains) ?? false
            return isOne ? [] : ["\(place): none of \(choices)"]
        }
        switch schema["type"] as? String {
        case "object": return objectProblems(value, schema, at: path)
        case "array":
            guard let items = value as? [Any] else { return ["\(place): not an array"] }
            guard let item = schema["items"] as? [String: Any] else { return [] }
            return items.enumerated().flatMap { index, element in
                problems(element, item, at: "\(path)/\(index)")
            }
        case "string":
            guard let text = value as? String else { return ["\(place): not a string"] }
            if let pattern = schema["pattern"] as? String,
                text.range(of: pattern, options: .regularExpression) == nil
            {
                return ["\(place): not one of the form \(pattern)"]
            }
            return []
        case "boolean": return value is Bool ? [] : ["\(place): not true or false"]
        case "number": return value is NSNumber ? [] : ["\(place): not a number"]
        case "null": return value is NSNull ? [] : ["\(place): not null"]
        default: return ["\(place): the schema has a type that isn't known here"]
        }
    }

    private func objectProblems(
        _ value: Any, _ schema: [String: Any], at path: String
    ) -> [String] {
        let place = path.isEmpty ? "/" : path
        guard let object = value as? [String: Any] else { return ["\(place): not an object"] }
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        var found: [String] = []
        for key in schema["required"] as? [String] ?? [] where object[key] == nil {
            found.append("\(place): the key \(key) is missing")
        }
        for (key, element) in object.sorted(by: { $0.key < $1.key }) {
            if let property = properties[key] {
                found += problems(element, property, at: "\(path)/\(key)")
            } else {
                found.append("\(place): unknown key \(key)")
            }
        }
        return found
    }
}
