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
    /// Its value; nil where the type is neither text nor a number, as that of the references between
    /// dimension scales and datasets.
    package let value: AttributeValue?
}

extension AttributeValue {
    /// The text; nil for another type.
    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The texts, a single one as an array; nil for another type.
    package var strings: [String]? {
        switch self {
        case .string(let value): [value]
        case .strings(let values): values
        default: nil
        }
    }

    /// The whole number; nil for another type.
    package var int: Int? {
        if case .int(let value) = self { value } else { nil }
    }

    /// The whole numbers, a single one as an array; nil for another type.
    package var ints: [Int]? {
        switch self {
        case .int(let value): [value]
        case .ints(let values): values
        default: nil
        }
    }

    /// The number, whole or not; nil for another type.
    package var double: Double? {
        switch self {
        case .double(let value): value
        case .int(let value): Double(value)
        default: nil
        }
    }

    /// The numbers, whole or not, a single one as an array; nil for another type.
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
    /// Calls `body` with the bytes of the value in canonical form, as `Dataset.forEachPiece(_:)` does
    /// for elements. Where there is no `value`, `body` isn't called.
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
