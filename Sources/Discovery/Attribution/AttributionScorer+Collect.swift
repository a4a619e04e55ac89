import Engine
import Experiments

extension AttributionScorer {
    /// Lets `body` score all pairs, piece by piece, and takes the mean in the order of pairs.
    /// - Parameters:
    ///   - width: values a pair.
    ///   - rows: about how many rows a piece has.
    ///   - body: adds the scores of some pairs to `[pair, value]`, which starts at 0.
    func collect(
        width: Int, rows: Int = 64, perPair: Bool, _ progress: (Int, Int) -> Void,
        _ body:
            @Sendable (
                Range<Int>, UnsafeMutablePointer<Float>, consuming Workspace
            ) -> Workspace
    ) -> AttributionScores {
        let pieces = clean.layout.pieces(ofAbout: rows)
        let pairCount = clean.layout.promptCount
        let scratch = ScratchPool(workers: transformer.pool.threads, blockSize: 1 << 22)
        // Few pairs' values are held at a time, however many there are of each.
        let fitting = (64 << 20) / max(1, width * (pieces.first?.count ?? 1))
        let group = max(transformer.pool.threads, min(16, fitting))
        let most =
            stride(from: 0, to: pieces.count, by: group).map {
                pieces[min($0 + group, pieces.count) - 1].upperBound - pieces[$0].lowerBound
            }.max() ?? 0
        let buffer = FloatBuffer(zeros: (perPair ? pairCount : most) * width)
        var sums = [Double](repeating: 0, count: width)
        for first in stride(from: 0, to: pieces.count, by: group) {
            let ofGroup = pieces[first..<min(first + group, pieces.count)]
            let start = pieces[first].lowerBound
            let end = pieces[ofGroup.endIndex - 1].upperBound
            let values = buffer.values + (perPair ? start * width : 0)
            if !perPair { values.update(repeating: 0, count: (end - start) * width) }
            let part = SharedScores(values: values)
            transformer.pool.run(ofGroup.count) { worker, index in
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
            progress(end, pairCount)
        }
        return AttributionScores(
            mean: sums.map { Float($0 / Double(max(1, pairCount))) },
            perPair: perPair ? buffer : nil)
    }
}

/// Scores that threads write at different pairs.
private struct SharedScores: @unchecked Sendable {
    let values: UnsafeMutablePointer<Float>
}
