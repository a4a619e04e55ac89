import Artifacts
import CircuitRuns
import Graphs

/// Testing edges in waves.
///
/// Most edges are cut. So a wave evaluates side by side the circuit without its first edge, without
/// its first two, and so on: as long as every one is cut, these are the circuits that tests one by one
/// would evaluate. At the first edge that is kept the rest of the wave is void, and the next wave begins
/// behind it. Waves grow where they were right, and shrink where they weren't.
extension ACDCSearch {
    /// Tests the edges from `order` into the probe's receiver.
    mutating func test(_ order: ArraySlice<Int>, with probe: ReceiverProbe) {
        let most = options.speculative ? probe.mostVariants : 1
        var width = min(16, most)
        var next = order.startIndex
        while next < order.endIndex {
            let wave = order[next..<min(next + width, order.endIndex)]
            let values = probe.evaluate(wave)
            var before = current
            var cut = wave.startIndex
            var keptEdge = false
            while cut < wave.endIndex, !keptEdge {
                let effect = decide(
                    before: before, after: values[cut - wave.startIndex], wave: wave, at: cut,
                    probe)
                if effect.removed {
                    before = effect.after
                    cut += 1
                } else {
                    keptEdge = true
                }
            }
            probe.accept(wave[..<cut])
            current = before
            next = keptEdge ? cut + 1 : cut
            width = keptEdge ? max(min(16, most), width / 2) : min(most, width * 2)
        }
    }

    /// Decides about one edge and logs it. An effect within rounding of the threshold is
    /// evaluated again by itself, as a run without waves does.
    private mutating func decide(
        before: Double, after: Double, wave: ArraySlice<Int>, at cut: Int,
        _ probe: ReceiverProbe
    ) -> Decision {
        let edge = Int32(graph.edgeStart[probe.receiver] + wave[cut])
        var decision = Decision(edge: edge, before: before, after: after, removed: false)
        if wave.count > 1, rule.isDoubtful(decision) {
            probe.accept(wave[wave.startIndex..<cut])
            decision.before = probe.evaluateCurrent()
            decision.after = probe.evaluate(wave[cut...cut])[0]
            probe.withdraw(wave[wave.startIndex..<cut])
        }
        decision.removed = rule.cuts(decision)
        record(decision)
        return decision
    }
}
