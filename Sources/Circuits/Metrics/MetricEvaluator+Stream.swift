internal import CKernels
internal import Engine
import Foundation
internal import Models

/// The metric from rows of the final stream, without holding their logits.
///
/// The vocabulary is cut into slices, each multiplied with all rows at once: every weight of the
/// unembedding is read once for all of them, and a slice's logits are reduced to a few numbers
/// while they are in the cache.
extension MetricEvaluator {
    /// The metric of each row of the normalised final stream.
    /// - Parameters:
    ///   - normalized: `[rows, d_model]`, at the last position of some pair each.
    ///   - pairOf: the pair that a row belongs to.
    /// - Returns: a value a row. It depends neither on threads nor on how many rows there are
    ///   beyond the rounding of the matrix product.
    func values(
        normalized: UnsafePointer<Float>, rows: Int, pairOf: @Sendable (Int) -> Int,
        scratch: ScratchPool
    ) -> [Double] {
        let normalized = FloatRows(first: normalized)
        if let directions {
            let dModel = transformer.configuration.dModel
            return (0..<rows).map { row in
                let pair = pairOf(row)
                let product = ckernels_dot(
                    normalized.first + row * dModel, directions.values + pair * dModel, dModel)
                return Double(product + offsets[pair])
            }
        }
        let slices = reduce(normalized, rows: rows, pairOf: pairOf, scratch)
        return (0..<rows).map { row in
            let parts = slices.map { $0.values[row].normalizer }
            let largest = parts.max() ?? 0
            let normalizer = largest + log(parts.reduce(0) { $0 + exp($1 - largest) })
            let pair = pairOf(row)
            switch metric {
            case .kl:
                let cross = slices.reduce(0) { $0 + $1.values[row].crossEntropyGap }
                return cross + normalizer - referenceNormalizers[pair]
            case .probabilityDifference:
                return probability(of: answers[pair], normalized, row, normalizer)
                    - probability(of: wrongAnswers[pair], normalized, row, normalizer)
            case .negativeLogLikelihood:
                return -log(probability(of: answers[pair], normalized, row, normalizer))
            case .logitDifference:
                return mean(answers[pair], normalized, row)
                    - mean(wrongAnswers[pair], normalized, row)
            }
        }
    }

    /// The metric of each row of the normalised final stream `[row, d_model]`, each the end of a
    /// prompt of the pair `pairs[row]`.
    func values(normalized: FloatBuffer, pairs: [Int]) -> [Double] {
        values(
            normalized: normalized.values, rows: pairs.count, pairOf: { pairs[$0] },
            scratch: ScratchPool(workers: transformer.pool.threads))
    }

    /// Rows that threads read together.
    struct FloatRows: @unchecked Sendable {
        let first: UnsafePointer<Float>
    }

    /// What a slice of the vocabulary adds to the metric of a row.
    struct SliceSums: BitwiseCopyable {
        /// The log-sum-exp of the slice's logits.
        var normalizer: Double
        /// The sum of p (reference logit - logit) over the slice.
        var crossEntropyGap: Double
    }

    private func reduce(
        _ normalized: FloatRows, rows: Int, pairOf: @Sendable (Int) -> Int, _ scratch: ScratchPool
    ) -> [Buffer<SliceSums>] {
        let (dModel, dVocab) = (
            transformer.configuration.dModel, transformer.configuration.dVocabOut
        )
        let width = 2048
        let count = (dVocab + width - 1) / width
        let sums = (0..<count).map { _ in Buffer<SliceSums>(count: rows) }
        transformer.pool.run(count) { worker, slice in
            let columns = slice * width..<min(dVocab, (slice + 1) * width)
            scratch.withWorkspace(of: worker) { workspace in
                var workspace = workspace
                let mark = workspace.mark
                let logits = workspace.take(rows * columns.count)
                transformer.model.unembedding.outputs(columns).apply(
                    normalized.first, stride: dModel, to: logits, stride: columns.count,
                    rows: rows)
                transformer.softCap(logits, count: rows * columns.count)
                for row in 0..<rows {
                    let values = logits + row * columns.count
                    let offset = pairOf(row) * dVocab + columns.lowerBound
                    sums[slice].values[row] = SliceSums(
                        normalizer: ckernels_log_sum_exp(values, columns.count),
                        crossEntropyGap: referenceProbabilities.map {
                            ckernels_weighted_difference(
                                $0.values + offset, reference.values + offset, values,
                                columns.count)
                        } ?? 0)
                }
                workspace.reset(to: mark)
                return workspace
            }
        }
        return sums
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

    private func mean(_ tokens: [Int], _ normalized: FloatRows, _ row: Int) -> Double {
        tokens.reduce(0) { $0 + logit($1, normalized, row) } / Double(tokens.count)
    }

    private func probability(
        of tokens: [Int], _ normalized: FloatRows, _ row: Int, _ normalizer: Double
    ) -> Double {
        tokens.reduce(0) { $0 + exp(logit($1, normalized, row) - normalizer) }
    }
}
