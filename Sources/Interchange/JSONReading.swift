/// Errors of decoding JSON that people wrote.
enum JSONReading {
    /// Why a decoder failed, in one line.
    static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "it isn't JSON" }
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty
                ? ""
                : " at `" + context.codingPath.map(\.stringValue).joined(separator: ".") + "`"
        }
        return switch error {
        case .keyNotFound(let key, let context):
            "it has no `\(key.stringValue)`\(path(context))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "it has a value of the wrong type\(path(context))"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "it isn't valid JSON" : "it has a value out of range\(path(context))"
        @unknown default: "it isn't what was expected"
        }
    }
}
