extension ElementValues {
    /// The least and the greatest number, without NaN; nil where there is none.
    var range: ClosedRange<Double>? {
        func range<Number: Comparable>(
            _ values: [Number], _ convert: (Number) -> Double
        ) -> ClosedRange<Double>? {
            // Not `min()`, whose result depends on where a NaN stands.
            guard var least = values.first(where: { $0 == $0 }) else { return nil }
            var greatest = least
            for value in values {
                if value < least { least = value }
                if value > greatest { greatest = value }
            }
            return convert(least)...convert(greatest)
        }
        return switch self {
        case .float32(let values): range(values) { Double($0) }
        case .float64(let values): range(values) { $0 }
        case .int32(let values): range(values) { Double($0) }
        case .int64(let values): range(values) { Double($0) }
        case .bool, .string: nil
        }
    }
}

/// A number as a person writes it: whole numbers without a fraction.
func plain(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? String(number)
}
