import Engine
import Experiments

/// Scores that are computed pair by pair, with their mean in the order of pairs, so that none depends
/// on which pairs go together.
struct PairwiseScores {
    /// The mean over pairs, `[value]`.
    var mean: [Float]
    /// Of each pair, `[pair, value]`, if they are kept.
    let perPair: FloatBuffer?

    /// Lets `body` score all pairs of an experiment, piece by piece.
    /// - Parameters:
    ///   - width: values a pair.
    ///   - rows: how many rows a piece has at most, if no prompt is longer.
    ///   - keepingPairs: whether each pair's values are kept.
    ///   - body: adds the values of some pairs to `[pair, value]`, which starts at 0. What it takes of
    ///     the workspace is given back afterwards.
    init(
        of experiment: Experiment, width: Int, rows: Int = 64, keepingPairs: Bool = false,
        progress: ScoringProgress.Receiver,
        _ body: @Sendable (Range<Int>, UnsafeMutablePointer<Float>, Workspace) -> Void
    ) {
        let pool = experiment.transformer.pool
        let pieces = experiment.clean.layout.pieces(ofAtMost: rows)
        let pairCount = experiment.pairCount
        let scratch = ScratchPool(workers: pool.threads, blockSize: 1 << 22)
        // Few pairs' values are held at a time, however many there are of each.
        let fitting = (64 << 20) / max(1, width * (pieces.first?.count ?? 1))
        let group = max(pool.threads, min(16, fitting))
        let most =
            stride(from: 0, to: pieces.count, by: group).map {
                pieces[min($0 + group, pieces.count) - 1].upperBound - pieces[$0].lowerBound
            }.max() ?? 0
        let buffer = FloatBuffer(zeros: (keepingPairs ? pairCount : most) * width)
        var sums = [Double](repeating: 0, count: width)
        for first in stride(from: 0, to: pieces.count, by: group) {
            let ofGroup = pieces[first..<min(first + group, pieces.count)]
            let start = pieces[first].lowerBound
            let end = pieces[ofGroup.endIndex - 1].upperBound
            let values = buffer.values + (keepingPairs ? start * width : 0)
            if !keepingPairs { values.update(repeating: 0, count: (end - start) * width) }
            let part = SharedValues(values: values)
            pool.run(ofGroup.count) { worker, index in
                let pairs = pieces[first + index]
                scratch.withWorkspace(of: worker) {
                    body(pairs, part.values + (pairs.lowerBound - start) * width, $0)
                }
            }
            sums.withUnsafeMutableBufferPointer { sums in
                for pair in 0..<end - start {
                    let row = values + pair * width
                    for index in sums.indices { sums[index] += Double(row[index]) }
                }
            }
            progress(ScoringProgress(done: end, all: pairCount))
        }
        mean = sums.map { Float($0 / Double(max(1, pairCount))) }
        perPair = keepingPairs ? buffer : nil
    }
}

/// Values that threads write at different pairs.
private struct SharedValues: @unchecked Sendable {
    let values: UnsafeMutablePointer<Float>
}
