import Artifacts
import Basics
import Engine
import Graphs

/// The best edges by the mean scores of samples of the pairs, from scores per pair.
///
/// The mean scores of a block of samples are one product: how often each pair was drawn,
/// `[sample, pair]`, times the scores, `[pair, edge]`.
struct SampledRankings {
    /// The scores of each edge in each pair. Shape `[edge, pair]`.
    private let scores: DenseArray<Float>
    private let selection: BestEdges
    /// How many samples are ranked at a time: 64 rows of 70,651 edges are 18 MB.
    private static let block = 64

    /// Rankings of the best `count` edges.
    init(_ scores: DenseArray<Float>, best count: Int, absolute: Bool) {
        self.scores = scores
        selection = BestEdges(count: count, absolute: absolute)
    }

    /// Takes the best edges of each sample.
    /// - Parameters:
    ///   - samples: the pairs of each sample, one as often as it was drawn. Shape `[sample][draw]`.
    ///   - body: is given each sample's edges, ascending.
    func forEach(_ samples: [[Int]], _ body: (_ sample: Int, _ edges: [Int32]) -> Void) {
        let (edgeCount, pairCount) = (scores.shape[0], scores.shape[1])
        guard edgeCount > 0, pairCount > 0 else { return }
        var selection = selection
        var means = [Float](repeating: 0, count: Self.block * edgeCount)
        for start in stride(from: 0, to: samples.count, by: Self.block) {
            let rows = min(Self.block, samples.count - start)
            var draws = [Float](repeating: 0, count: rows * pairCount)
            for row in 0..<rows {
                // Weights that add up to 1 make means, which can be compared with scores.
                let weight = 1 / Float(samples[start + row].count)
                for pair in samples[start + row] { draws[row * pairCount + pair] += weight }
            }
            means.withUnsafeMutableBufferPointer { means in
                guard let base = means.baseAddress else { return }
                draws.withUnsafeBufferPointer { draws in
                    scores.values.withUnsafeBufferPointer { scores in
                        guard let draws = draws.baseAddress, let scores = scores.baseAddress else {
                            return
                        }
                        BLAS.multiply(
                            draws, stride: pairCount, scores, stride: pairCount, into: base,
                            stride: edgeCount, rows: rows, columns: edgeCount, inner: pairCount,
                            transposeB: true)
                    }
                }
                for row in 0..<rows {
                    let scores = UnsafeBufferPointer(
                        start: base + row * edgeCount, count: edgeCount)
                    body(start + row, selection.edges(of: scores))
                }
            }
        }
    }
}
