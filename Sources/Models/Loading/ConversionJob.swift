import CKernels
import Dispatch
import Synchronization

/// One tensor to convert to what is held in memory, or, where it is used in place, only to check.
struct ConversionJob: @unchecked Sendable {
    /// What is read.
    let tensor: StoredTensor
    /// Where the numbers go; nil: the tensor is used in place.
    let result: UnsafeMutableRawPointer?
    /// What the numbers are in memory: those of the tensor, or float32, or rounded to bfloat16.
    let format: NumberFormat
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
    /// - Parameter releasingPages: whether the memory of what is only checked is given back at once.
    static func run(_ jobs: [ConversionJob], releasingPages: Bool) -> NonFinite? {
        let pieces = jobs.indices.flatMap { jobs[$0].pieces(of: $0) }
        let found = Mutex<NonFinite?>(nil)
        DispatchQueue.concurrentPerform(iterations: pieces.count) { index in
            let piece = pieces[index]
            let bad = jobs[piece.job].convert(piece.range)
            if releasingPages { jobs[piece.job].releasePages(piece.range) }
            guard let bad else { return }
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

    /// Gives back the memory of a part that is used in place.
    private func releasePages(_ range: Range<Int>) {
        guard result == nil, let source = tensor.bytes.baseAddress else { return }
        tensor.file.releasePages(
            of: UnsafeRawBufferPointer(
                start: source + range.lowerBound * format.bytes, count: range.count * format.bytes))
    }

    /// Converts a part, and returns the index of a value that isn't finite.
    private func convert(_ range: Range<Int>) -> Int? {
        guard let source = tensor.bytes.baseAddress else { return nil }
        guard let result else {
            let bad = firstNonFinite(source + range.lowerBound * format.bytes, range.count)
            return bad.map { range.lowerBound + $0 }
        }
        guard let rows else {
            let step = Self.chunk / type.blockValues
            for start in stride(from: range.lowerBound, to: range.upperBound, by: step) {
                let blocks = min(step, range.upperBound - start)
                let bad = convert(
                    source + start * type.blockBytes, blocks: blocks,
                    to: result + start * type.blockValues * format.bytes)
                if let bad { return start * type.blockValues + bad }
            }
            return nil
        }
        let blocks = columns / type.blockValues
        for row in range {
            let bad = convert(
                source + rows[row] * blocks * type.blockBytes, blocks: blocks,
                to: result + row * columns * format.bytes)
            if let bad { return rows[row] * columns + bad }
        }
        return nil
    }

    /// Converts at most a chunk, and returns the index of a value that isn't finite.
    private func convert(
        _ source: UnsafeRawPointer, blocks: Int, to result: UnsafeMutableRawPointer
    ) -> Int? {
        let count = blocks * type.blockValues
        if type.format == format {
            result.copyMemory(from: source, byteCount: count * format.bytes)
            return firstNonFinite(result, count)
        }
        guard format == .float32 else {
            return withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { wide in
                guard let wide = wide.baseAddress else { return nil }
                ct_dequantize(type.rawValue, source, blocks, wide)
                let bad = ct_first_nonfinite(wide, count)
                guard bad == count else { return bad }
                ct_round_to_bf16(wide, count, result.assumingMemoryBound(to: UInt16.self))
                return firstNonFinite(result, count)
            }
        }
        ct_dequantize(type.rawValue, source, blocks, result.assumingMemoryBound(to: Float.self))
        return firstNonFinite(result, count)
    }

    /// The index of the first number in memory that isn't finite.
    private func firstNonFinite(_ values: UnsafeRawPointer, _ count: Int) -> Int? {
        let bad =
            format == .float32
            ? ct_first_nonfinite(values.assumingMemoryBound(to: Float.self), count)
            : ct_first_nonfinite16(
                format.rawValue, values.assumingMemoryBound(to: UInt16.self), count)
        return bad == count ? nil : bad
    }
}
