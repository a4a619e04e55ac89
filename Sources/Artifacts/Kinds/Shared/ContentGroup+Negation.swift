// What migrations of metrics use. Content that doesn't fit the schema is left to the validator.

extension ContentGroup {
    /// Negates an attribute that is a number; 0 stays 0, never -0.
    mutating func negateAttribute(_ name: String) {
        if case .float64(let value) = attributes[name] { attributes[name] = .float64(0 - value) }
    }

    /// Negates a column of numbers.
    mutating func negateColumn(_ name: String) {
        guard case .float64(let values) = datasets[name]?.values else { return }
        datasets[name]?.values = .float64(values.map { 0 - $0 })
    }
}
