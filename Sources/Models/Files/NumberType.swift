/// How numbers are stored in a model file: plain, or in quantised blocks that share a scale.
///
/// The raw value is GGUF's number of the type, which is also that of the C kernels.
enum NumberType: Int32, Sendable, CaseIterable {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q4_K = 12
    case q6_K = 14
    case bf16 = 30

    /// Its usual name, such as `Q4_K`.
    var name: String { "\(self)".uppercased() }

    /// How the numbers are held in memory as they are; nil for quantised ones.
    var format: NumberFormat? { NumberFormat(rawValue: rawValue) }

    /// Values in a block.
    var blockValues: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32
        case .q4_K, .q6_K: 256
        }
    }

    /// Bytes in a block.
    var blockBytes: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q4_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        case .q4_K: 144
        case .q6_K: 210
        }
    }

    /// What GGUF type `code` is called, for errors about those that can't be read.
    static func name(ofCode code: UInt32) -> String {
        let others: [UInt32: String] = [
            9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 13: "Q5_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS",
            18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS",
            24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 34: "TQ1_0",
            35: "TQ2_0", 39: "MXFP4",
        ]
        return Int32(exactly: code).flatMap(NumberType.init)?.name ?? others[code] ?? "type \(code)"
    }

    /// The types in the order in which people know them, for messages.
    static let readable = allCases.map(\.name).joined(separator: ", ")
}
