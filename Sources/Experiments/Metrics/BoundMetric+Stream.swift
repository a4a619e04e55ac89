package import Engine
import Models
import Tasks

/// The metric from rows of the final stream, without holding their logits.
///
/// Rows are cut into blocks, from the first pair on, and the vocabulary into slices: a thread takes a
/// slice and a block at a time, and reduces logits to a few numbers while they are in the cache.
extension BoundMetric {
    /// The metric of each row of the normalised final stream.
    /// - Parameters:
    ///   - normalized: `[rows, d_model]`, at the last position of some pair each.
    ///   - rowsPerPair: how many rows follow each other that go together, such as a pair's variants.
    ///   - pairOf: the pair that a row belongs to.
    /// - Returns: a value a row. It depends neither on threads nor on the rows behind its block.
    package func values(
        normalized: UnsafePointer<Float>, rows: Int, rowsPerPair: Int = 1,
        pairOf: @Sendable (Int) -> Int, scratch: ScratchPool
    ) -> [Double] {
        let pairsPerBlock = min(Self.mostPairs, max(1, BLAS.mostOwnRows / rowsPerPair))
        let most =
            metric == .jensenShannon
            ? mostWholeRows : min(BLAS.mostOwnRows, pairsPerBlock * rowsPerPair)
        return values(
            normalized: normalized,
            blocks: stride(from: 0, to: rows, by: most).map { $0..<min(rows, $0 + most) },
            pairOf: pairOf, scratch: scratch)
    }

    /// The same by blocks of rows, which follow each other without gaps; a value depends on no row of
    /// another block.
    package func values(
        normalized: UnsafePointer<Float>, blocks: [Range<Int>], pairOf: @Sendable (Int) -> Int,
        scratch: ScratchPool
    ) -> [Double] {
        let rows = blocks.last?.upperBound ?? 0
        let normalized = FloatRows(first: normalized)
        if let directions {
            let dModel = transformer.configuration.dModel
            return (0..<rows).map { row in
                let pair = pairOf(row)
                let product = dot(
                    normalized.first + row * dModel, directions.values + pair * dModel,
                    count: dModel)
                return Double(product + offsets[pair])
            }
        }
        if metric == .jensenShannon { return wholeValues(normalized, blocks, pairOf: pairOf) }
        if !terms.isEmpty, !metric.readsProbabilities {
            // A few logits are enough.
            return (0..<rows).map { row in
                value(LogitSums(), pair: pairOf(row)) { logit($0, normalized, row) }
            }
        }
        let slices = reduce(normalized, rows: rows, blocks, pairOf: pairOf, scratch)
        return (0..<rows).map { row in
            value(LogitSums(joining: slices.map { $0.values[row] }), pair: pairOf(row)) {
                logit($0, normalized, row)
            }
        }
    }

    /// The metric of each row of the normalised final stream `[row, d_model]`, each the end of a
    /// prompt of the pair `pairs[row]`.
    package func values(normalized: FloatBuffer, pairs: [Int]) -> [Double] {
        values(
            normalized: normalized.values, rows: pairs.count, pairOf: { pairs[$0] },
            scratch: ScratchPool(workers: transformer.pool.threads))
    }

    /// Rows that threads read together.
    struct FloatRows: @unchecked Sendable {
        let first: UnsafePointer<Float>
    }

    /// How many pairs a block of rows has at most.
    private static let mostPairs = 16
    /// How many tokens one thread takes at a time.
    private static let sliceWidth = 1024
    /// Of how many their logits are held at a time: so many that they stay in the cache.
    private static let blockWidth = 128

    private func reduce(
        _ normalized: FloatRows, rows: Int, _ blocks: [Range<Int>],
        pairOf: @Sendable (Int) -> Int, _ scratch: ScratchPool
    ) -> [Buffer<LogitSums>] {
        let dModel = transformer.configuration.dModel
        let count = (dVocab + Self.sliceWidth - 1) / Self.sliceWidth
        let sums = (0..<count).map { _ in
            Buffer<LogitSums>(repeatElement(LogitSums(), count: rows))
        }
        let best = (0..<rows).map { row in
            metric.countsBetterTokens
                ? bestAnswer(pairOf(row)) { logit($0, normalized, row) } : 0
        }
        let unembedding = transformer.model.unembedding
        // Blocks of a slice follow each other, so that threads read the same weights.
        transformer.pool.run(count * blocks.count) { worker, index in
            let slice = index / blocks.count
            let block = blocks[index % blocks.count]
            let first = block.lowerBound
            let tokens = slice * Self.sliceWidth..<min(dVocab, (slice + 1) * Self.sliceWidth)
            scratch.withWorkspace(of: worker) { workspace in
                let logits = workspace.take(block.count * Self.blockWidth)
                for start in stride(
                    from: tokens.lowerBound, to: tokens.upperBound, by: Self.blockWidth)
                {
                    let columns = start..<min(start + Self.blockWidth, tokens.upperBound)
                    unembedding.outputs(columns).apply(
                        normalized.first + first * dModel, stride: dModel, to: logits,
                        stride: columns.count, rows: block.count)
                    transformer.softCap(logits, count: block.count * columns.count)
                    for row in block {
                        sums[slice].values[row].add(
                            self.sums(
                                logits + (row - first) * columns.count, of: columns,
                                pair: pairOf(row), beating: best[row]))
                    }
                }
            }
        }
        return sums
    }

    /// Of how many rows all logits are held at a time.
    private var mostWholeRows: Int { max(1, (16 << 20) / dVocab) }

    /// The metric of rows whose logits are needed as a whole, some rows of a block at a time.
    private func wholeValues(
        _ normalized: FloatRows, _ blocks: [Range<Int>], pairOf: @Sendable (Int) -> Int
    ) -> [Double] {
        let dModel = transformer.configuration.dModel
        let most = mostWholeRows
        let values = Buffer<Double>(count: blocks.last?.upperBound ?? 0)
        let parts = blocks.flatMap { block in
            stride(from: block.lowerBound, to: block.upperBound, by: most).map {
                $0..<min($0 + most, block.upperBound)
            }
        }
        for part in parts {
            let rows = FloatBuffer(count: part.count * dModel)
            rows.values.update(
                from: normalized.first + part.lowerBound * dModel, count: part.count * dModel)
            let logits = transformer.unembed(normalized: rows, rows: part.count)
            transformer.pool.run(part.count) { _, index in
                let row = part.lowerBound + index
                values.values[row] = value(
                    logits: logits.values + index * dVocab, pair: pairOf(row))
            }
        }
        return values.array
    }

    /// One logit of a row.
    private func logit(_ token: Int, _ normalized: FloatRows, _ row: Int) -> Double {
        let dModel = transformer.configuration.dModel
        let unembedding = transformer.model.unembedding.outputs(token..<token + 1)
        var value: Float = 0
        unembedding.apply(
            normalized.first + row * dModel, stride: dModel, to: &value, stride: 1, rows: 1)
        transformer.softCap(&value, count: 1)
        return Double(value)
    }
}
