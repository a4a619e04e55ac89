import Basics

/// Tests on some of the pairs.
extension ReceiverProbe {
    /// The minimised metric of some pairs with the accepted cuts and after cutting the first 1, 2,
    /// ... of `wave` besides: for each pair of the sample, `[wave.count + 1]`.
    /// - Parameter count: at least how many pairs the sample is to have. A receiver's samples
    ///   contain each other.
    package func sampledMetrics(_ wave: ArraySlice<EdgeCut>, pairs count: Int) -> [[Double]] {
        let allPieces = state.rows.pieces(for: .all)
        let pieces = samplingOrder(of: allPieces.count)
        var sample: [Int] = []
        var chosen: [Int] = []
        for piece in pieces where sample.count < count {
            chosen.append(piece)
            sample += allPieces[piece]
        }
        let variants = wave.count + 1
        let final = finalRows(
            wave, variants: variants, pieces: chosen.map { allPieces[$0] })
        return state.minimisedMetrics(
            of: final, pairs: sample, variants: variants, scratch)
    }

    /// The pieces of pairs, in the random order in which the receiver's samples take them.
    private func samplingOrder(of count: Int) -> [Int] {
        var generator = SplitMix64(seed: UInt64(receiver))
        return generator.pick(count, of: Array(0..<count))
    }
}
