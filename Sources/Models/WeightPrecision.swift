import Basics

/// How the matrices of a model are held in memory. Norms and biases are always float32, and so is all
/// that is computed.
package enum WeightPrecision: String, NamedChoice, Hashable, CaseIterable, Sendable {
    /// As the file has them: float32, float16 or bfloat16; quantised ones as the float32 that they
    /// stand for.
    case asStored = "as-stored"
    /// All in float32: twice the memory for files of 16 bits, and the same results.
    case float32
    /// All in bfloat16: half the memory for quantised files and those of float32, whose weights are
    /// rounded.
    case bfloat16

    package static var noun: String { "format of weights" }

    /// The format for a tensor of this type.
    func format(of type: NumberType?) -> NumberFormat {
        switch self {
        case .asStored: type?.format ?? .float32
        case .float32: .float32
        case .bfloat16: .bfloat16
        }
    }
}
