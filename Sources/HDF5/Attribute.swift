/// The value of an attribute.
package enum AttributeValue: Hashable, Sendable {
    /// One text.
    case string(String)
    /// Texts along one axis.
    case strings([String])
    /// One whole number, stored as `int64`.
    case int(Int)
    /// Whole numbers along one axis, stored as `int64`.
    case ints([Int])
    /// One number, stored as `float64`.
    case double(Double)
    /// Numbers along one axis, stored as `float64`.
    case doubles([Double])
}

/// An attribute as it is in a file.
package struct Attribute: Hashable, Sendable {
    /// Its name.
    package let name: String
    /// The type it is stored as.
    package let elementType: ElementType
    /// Its size along each axis; empty for a single value. Several axes are read as one.
    package let shape: [Int]
    /// Its value; nil where the type isn't one of text and numbers, as in the references that
    /// dimension scales keep.
    package let value: AttributeValue?
}

extension AttributeValue {
    /// The text, where it is one.
    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The texts, where it is texts; one counts as an array of one.
    package var strings: [String]? {
        switch self {
        case .string(let value): [value]
        case .strings(let values): values
        default: nil
        }
    }

    /// The whole number, where it is one.
    package var int: Int? {
        if case .int(let value) = self { value } else { nil }
    }

    /// The whole numbers, where it is such; one counts as an array of one.
    package var ints: [Int]? {
        switch self {
        case .int(let value): [value]
        case .ints(let values): values
        default: nil
        }
    }

    /// The number, where it is one, whole or not.
    package var double: Double? {
        switch self {
        case .double(let value): value
        case .int(let value): Double(value)
        default: nil
        }
    }

    /// The numbers, where it is such, whole or not; one counts as an array of one.
    package var doubles: [Double]? {
        switch self {
        case .double(let value): [value]
        case .doubles(let values): values
        case .int(let value): [Double(value)]
        case .ints(let values): values.map(Double.init)
        default: nil
        }
    }
}

extension Attribute {
    /// Calls `body` with the value in a form that depends on nothing but it, as
    /// `Dataset.forEachPiece(_:)` does; not at all where there is no `value`.
    package func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Void) {
        switch value {
        case .string(let text): withCanonicalBytes(of: text, body)
        case .strings(let texts):
            for text in texts { withCanonicalBytes(of: text, body) }
        case .int(let number): withUnsafeBytes(of: number.littleEndian, body)
        case .ints(let numbers):
            for number in numbers { withUnsafeBytes(of: number.littleEndian, body) }
        case .double(let number): withUnsafeBytes(of: number.bitPattern.littleEndian, body)
        case .doubles(let numbers):
            for number in numbers { withUnsafeBytes(of: number.bitPattern.littleEndian, body) }
        case nil: break
        }
    }
}
