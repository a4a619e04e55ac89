/// A value that begins with a minus sign, which swift-argument-parser takes for an option and calls the
/// value missing.
struct NegativeValue {
    /// How it has to be written.
    let advice: String

    /// The value that a message says is missing; nil where the message says something else, or no
    /// number follows the option.
    init?(missedBy message: String, in arguments: [String]) {
        guard message.hasPrefix("Missing value for '") else { return nil }
        let names = message.dropFirst("Missing value for '".count)
            .split(whereSeparator: { " ,'".contains($0) }).filter { $0.hasPrefix("-") }
        for (name, value) in zip(arguments, arguments.dropFirst()) {
            guard names.contains(Substring(name)), value.hasPrefix("-"), Double(value) != nil else {
                continue
            }
            let long = names.first { $0.hasPrefix("--") } ?? names[0]
            advice = "write a value below 0 as \(long)=\(value)"
            return
        }
        return nil
    }
}
