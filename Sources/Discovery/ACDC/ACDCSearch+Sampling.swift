import Artifacts
import CircuitRuns
import Graphs

/// Deciding from samples of the pairs.
extension ACDCSearch {
    /// Tests edges into the probe's receivers in this order, each from as few pairs as will do.
    mutating func test(
        _ order: ArraySlice<EdgeTest>, with probe: ReceiverProbe, sampling: PairSampling
    ) {
        let test = SequentialTest(
            first: sampling.pairsPerTest, population: probe.pairCount,
            errorRate: sampling.errorRate, rule: rule)
        // One variant more has no cuts.
        let most = max(1, probe.mostVariants - 1)
        var bets = min(16, most)
        var next = order.startIndex
        var look = 0
        while next < order.endIndex {
            // What follows an edge in doubt waits for it.
            let width = look == 0 ? bets : 1
            let wave = order[next..<min(next + width, order.endIndex)]
            let cuts = wave.map(\.cut)
            let metrics = probe.sampledMetrics(cuts[...], pairs: test.sampleSizes[look])
            var cut = wave.startIndex
            var verdict = SequentialTest.Verdict.cut
            while cut < wave.endIndex, verdict == .cut {
                let number = cut - wave.startIndex
                verdict = test.verdict(metrics.map { $0[number + 1] - $0[number] })
                if verdict != .undecided {
                    let decision = Decision(
                        edge: wave[cut].edge,
                        before: mean(metrics, number), after: mean(metrics, number + 1),
                        removed: verdict == .cut)
                    if metrics.count < probe.pairCount {
                        audit(decision, of: cuts, at: number, probe)
                    }
                    record(decision)
                }
                if verdict == .cut { cut += 1 }
            }
            probe.accept(cuts[..<(cut - wave.startIndex)])
            if look == 0 { bets = verdict == .cut ? min(most, 2 * bets) : max(4, bets / 2) }
            next = verdict == .keep ? cut + 1 : cut
            look = verdict == .undecided ? look + 1 : 0
        }
    }

    private func mean(_ metrics: [[Double]], _ variant: Int) -> Double {
        metrics.reduce(0) { $0 + $1[variant] } / Double(metrics.count)
    }

    /// Makes one in 64 of the early decisions from all pairs too.
    private mutating func audit(
        _ decision: Decision, of wave: [EdgeCut], at cut: Int, _ probe: ReceiverProbe
    ) {
        audit.early += 1
        guard audit.early % 64 == 1 else { return }
        probe.accept(wave[..<cut])
        let metrics = probe.sampledMetrics(wave[cut...cut], pairs: probe.pairCount)
        probe.withdraw(wave[..<cut])
        audit.checked += 1
        let exact = Decision(
            edge: decision.edge, before: mean(metrics, 0), after: mean(metrics, 1), removed: false)
        if rule.cuts(exact.change) == decision.removed { audit.agreeing += 1 }
    }
}
