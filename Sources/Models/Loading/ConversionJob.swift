import CKernels
import Dispatch
import Synchronization

/// One tensor to convert to float32, or, where it is used in place, only to check.
struct ConversionJob: @unchecked Sendable {
    /// What is read.
    let tensor: StoredTensor
    /// Where the values go; nil: the tensor is float32 and used in place.
    let result: UnsafeMutablePointer<Float>?
    /// Values in a row.
    let columns: Int
    /// The file's row for each row of the result; nil: all rows in their order.
    let rows: [Int]?

    /// A value that is infinite or not a number.
    struct NonFinite {
        /// Which job.
        var job: Int
        /// Which value of the tensor, roughly where rows are reordered.
        var index: Int
    }

    /// Runs all jobs on all cores, and returns the first that met a value that isn't finite.
    static func run(_ jobs: [ConversionJob]) -> NonFinite? {
        let pieces = jobs.indices.flatMap { jobs[$0].pieces(of: $0) }
        let found = Mutex<NonFinite?>(nil)
        DispatchQueue.concurrentPerform(iterations: pieces.count) { index in
            let piece = pieces[index]
            guard let bad = jobs[piece.job].convert(piece.range) else { return }
            found.withLock { first in
                if let already = first, (already.job, already.index) < (piece.job, bad) { return }
                first = NonFinite(job: piece.job, index: bad)
            }
        }
        return found.withLock { $0 }
    }

    private struct Piece: Sendable {
        var job: Int
        /// Rows of the result where they are reordered, otherwise blocks of the tensor.
        var range: Range<Int>
    }

    /// Values converted before they are checked: they are then still in the core's own cache.
    private static let chunk = 1 << 14
    /// Values in a piece, enough to make handing it out cheap.
    private static let pieceValues = 1 << 19

    private var type: NumberType { tensor.type ?? .f32 }

    private func pieces(of job: Int) -> [Piece] {
        let count = rows?.count ?? tensor.count / type.blockValues
        let step = max(1, Self.pieceValues / (rows == nil ? type.blockValues : max(columns, 1)))
        return stride(from: 0, to: count, by: step).map {
            Piece(job: job, range: $0..<min($0 + step, count))
        }
    }

    /// Converts a part, and returns the index of a value that isn't finite.
    private func convert(_ range: Range<Int>) -> Int? {
        guard let source = tensor.bytes.baseAddress else { return nil }
        guard let result else {
            let values = source.assumingMemoryBound(to: Float.self) + range.lowerBound
            let bad = ct_first_nonfinite(values, range.count)
            return bad == range.count ? nil : range.lowerBound + bad
        }
        guard let rows else {
            let step = Self.chunk / type.blockValues
            for start in stride(from: range.lowerBound, to: range.upperBound, by: step) {
                let blocks = min(step, range.upperBound - start)
                let bad = convert(
                    source + start * type.blockBytes, blocks: blocks,
                    to: result + start * type.blockValues)
                if let bad { return start * type.blockValues + bad }
            }
            return nil
        }
        let blocks = columns / type.blockValues
        for row in range {
            let bad = convert(
                source + rows[row] * blocks * type.blockBytes, blocks: blocks,
                to: result + row * columns)
            if let bad { return rows[row] * columns + bad }
        }
        return nil
    }

    private func convert(
        _ source: UnsafeRawPointer, blocks: Int, to result: UnsafeMutablePointer<Float>
    ) -> Int? {
        ct_dequantize(type.rawValue, source, blocks, result)
        let count = blocks * type.blockValues
        let bad = ct_first_nonfinite(result, count)
        return bad == count ? nil : bad
    }
}
