package import Basics
import CKernels

/// A matrix where it lies in a mapped file, read piece by piece: encoders and decoders are larger than
/// anything that is kept in memory.
package struct StoredMatrix: Sendable {
    private let tensor: StoredTensor
    /// Number of rows.
    package let rows: Int
    /// Values in a row.
    package let columns: Int
    private let type: NumberType

    /// A view of a tensor as `[rows, columns]`, whatever its own axes.
    /// - Throws: `Failure` where its numbers can't be read.
    init(_ tensor: StoredTensor, rows: Int, columns: Int) throws(Failure) {
        precondition(rows * columns == tensor.count, "another number of values")
        guard let type = tensor.type, type.blockValues == 1 else {
            throw Failure(
                .badData,
                "\(tensor.file.path): tensor \(tensor.name) is stored in \(tensor.typeName); "
                    + "transcoders are read in F32, F16 or BF16")
        }
        self.tensor = tensor
        self.type = type
        self.rows = rows
        self.columns = columns
    }

    /// The values where they lie, row after row, if they are aligned float32. They stay valid while
    /// this matrix does.
    package var inPlace: UnsafePointer<Float>? {
        guard type == .f32, let base = tensor.bytes.baseAddress,
            Int(bitPattern: base).isMultiple(of: MemoryLayout<Float>.alignment)
        else { return nil }
        return base.assumingMemoryBound(to: Float.self)
    }

    /// Gives back the memory of what was read of its file so far; it is read again when needed.
    func releasePages() { tensor.file.releasePages() }

    /// Gives back the memory of what was read of it so far.
    func release() { tensor.file.releasePages(of: tensor.bytes) }

    /// Copies part of a row into y as float32.
    package func copy(
        row: Int, columns range: Range<Int>? = nil, to y: UnsafeMutablePointer<Float>
    ) {
        let range = range ?? 0..<columns
        precondition(
            row >= 0 && row < rows && range.lowerBound >= 0 && range.upperBound <= columns,
            "outside the matrix")
        guard let base = tensor.bytes.baseAddress else { return }
        let start = (row * columns + range.lowerBound) * type.blockBytes
        ct_dequantize(type.rawValue, base + start, range.count, y)
    }

    /// The failure of a value that is infinite or not a number.
    package func notFinite(row: Int, column: Int) -> Failure {
        Failure(
            .badData,
            "\(tensor.file.path): tensor \(tensor.name) is infinite or not a number at "
                + "[\(row), \(column)]; the file is damaged")
    }
}
