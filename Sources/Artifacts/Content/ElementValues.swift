/// The elements of a dataset in memory, in row-major order.
package enum ElementValues: Hashable, Sendable {
    /// IEEE 754 single precision.
    case float32([Float])
    /// IEEE 754 double precision.
    case float64([Double])
    /// Indices, token ids, lengths.
    case int32([Int32])
    /// Counts and seeds.
    case int64([Int64])
    /// Flags; h5py's boolean enumeration in a file.
    case bool([Bool])
    /// UTF-8 texts.
    case string([String])

    /// The element type as the schemas name it.
    package var dtype: String {
        switch self {
        case .float32: "float32"
        case .float64: "float64"
        case .int32: "int32"
        case .int64: "int64"
        case .bool: "bool"
        case .string: "string"
        }
    }

    /// The number of elements.
    package var count: Int {
        switch self {
        case .float32(let values): values.count
        case .float64(let values): values.count
        case .int32(let values): values.count
        case .int64(let values): values.count
        case .bool(let values): values.count
        case .string(let values): values.count
        }
    }
}

/// A Swift type of a dataset's elements.
protocol ContentElement: Hashable, Sendable {
    static var dtype: String { get }
    static func wrap(_ values: [Self]) -> ElementValues
    static func unwrap(_ values: ElementValues) -> [Self]?
}

extension Float: ContentElement {
    static var dtype: String { "float32" }
    static func wrap(_ values: [Float]) -> ElementValues { .float32(values) }
    static func unwrap(_ values: ElementValues) -> [Float]? {
        if case .float32(let values) = values { values } else { nil }
    }
}

extension Double: ContentElement {
    static var dtype: String { "float64" }
    static func wrap(_ values: [Double]) -> ElementValues { .float64(values) }
    static func unwrap(_ values: ElementValues) -> [Double]? {
        if case .float64(let values) = values { values } else { nil }
    }
}

extension Int32: ContentElement {
    static var dtype: String { "int32" }
    static func wrap(_ values: [Int32]) -> ElementValues { .int32(values) }
    static func unwrap(_ values: ElementValues) -> [Int32]? {
        if case .int32(let values) = values { values } else { nil }
    }
}

extension Int64: ContentElement {
    static var dtype: String { "int64" }
    static func wrap(_ values: [Int64]) -> ElementValues { .int64(values) }
    static func unwrap(_ values: ElementValues) -> [Int64]? {
        if case .int64(let values) = values { values } else { nil }
    }
}

extension Bool: ContentElement {
    static var dtype: String { "bool" }
    static func wrap(_ values: [Bool]) -> ElementValues { .bool(values) }
    static func unwrap(_ values: ElementValues) -> [Bool]? {
        if case .bool(let values) = values { values } else { nil }
    }
}

extension String: ContentElement {
    static var dtype: String { "string" }
    static func wrap(_ values: [String]) -> ElementValues { .string(values) }
    static func unwrap(_ values: ElementValues) -> [String]? {
        if case .string(let values) = values { values } else { nil }
    }
}
