import Glibc

/// A tensor where it lies in a mapped file, not yet read.
struct StoredTensor: @unchecked Sendable {
    /// Its name in the file.
    let name: String
    /// Outermost dimension first, as PyTorch prints it.
    let shape: [Int]
    /// How its numbers are stored; nil for types that can't be read.
    let type: NumberType?
    /// The type's name in the file.
    let typeName: String
    /// Its content, inside `file`.
    let bytes: UnsafeRawBufferPointer
    /// The file, kept mapped.
    let file: MappedFile

    /// Number of values.
    var count: Int { shape.reduce(1, *) }

    /// Whether another tensor holds the same bytes.
    func isEqual(to other: StoredTensor) -> Bool {
        guard shape == other.shape, typeName == other.typeName, let base = bytes.baseAddress,
            let otherBase = other.bytes.baseAddress, bytes.count == other.bytes.count
        else { return false }
        return memcmp(base, otherBase, bytes.count) == 0
    }
}

/// The tensors of a model, by name, whatever the format and however many files.
package struct TensorCatalog: Sendable {
    /// The file or folder, for errors.
    let path: String
    /// Every tensor.
    let tensors: [String: StoredTensor]

    subscript(name: String) -> StoredTensor? { tensors[name] }

    /// The type that holds most of the values.
    var mainType: String {
        // Types that can't be read may claim any shape: a whole number could overflow.
        var counts: [String: Double] = [:]
        // A vocabulary is often kept in a finer type than the layers, and can outweigh them.
        let matrices = tensors.values.filter { $0.shape.count > 1 }
        let layers = matrices.filter { !$0.name.contains("emb") && !$0.name.contains("output.w") }
        for tensor in layers.isEmpty ? matrices : layers {
            counts[tensor.typeName, default: 0] += Double(tensor.count)
        }
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "F32"
    }
}

extension Sequence<Int> {
    /// The product of dimensions, nil if it's negative or too large.
    func checkedProduct() -> Int? {
        var product = 1
        for factor in self {
            let (next, overflow) = product.multipliedReportingOverflow(by: factor)
            guard factor >= 0, !overflow else { return nil }
            product = next
        }
        return product
    }
}

extension NumberType {
    /// The bytes that `count` values take, nil if they don't fill whole blocks or are too many.
    func byteCount(of count: Int) -> Int? {
        guard count.isMultiple(of: blockValues) else { return nil }
        let (bytes, overflow) = (count / blockValues).multipliedReportingOverflow(by: blockBytes)
        return overflow ? nil : bytes
    }
}
