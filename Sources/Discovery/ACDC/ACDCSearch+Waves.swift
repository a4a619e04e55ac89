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
    /// Tests edges into the probe's receivers in this order.
    mutating func test(_ order: ArraySlice<EdgeTest>, with probe: ReceiverProbe) {
        var width = 16
        var next = order.startIndex
        while next < order.endIndex {
            let position = order[next].cut.position
            let most = options.speculative ? probe.mostVariants(at: position) : 1
            width = min(width, most)
            // What is cut at a position changes nothing before it: a wave has but one.
            let wave = order[next...].prefix(width).prefix { $0.cut.position == position }
            let cuts = wave.map(\.cut)
            let values = probe.evaluate(cuts[...])
            var before = current
            var tested = wave.startIndex
            var keptEdge = false
            while tested < wave.endIndex, !keptEdge {
                let decision = decide(
                    wave, at: tested, before: before, after: values[tested - wave.startIndex],
                    probe)
                if decision.removed {
                    before = decision.after
                    tested += 1
                } else {
                    keptEdge = true
                }
            }
            probe.accept(cuts[..<(tested - wave.startIndex)])
            current = before
            next = keptEdge ? tested + 1 : tested
            width = keptEdge ? max(min(16, most), width / 2) : min(most, width * 2)
        }
    }

    /// Decides about one edge of a wave whose earlier edges were all cut, and logs it. An effect within
    /// rounding of the threshold is evaluated again by itself, as a run without waves does.
    private mutating func decide(
        _ wave: ArraySlice<EdgeTest>, at tested: Int, before: Double, after: Double,
        _ probe: ReceiverProbe
    ) -> Decision {
        var decision = Decision(
            edge: wave[tested].edge, before: before, after: after, removed: false)
        if wave.count > 1, rule.isDoubtful(decision) {
            let cutBefore = wave[..<tested].map(\.cut)
            probe.accept(cutBefore[...])
            decision.before = probe.evaluateCurrent()
            decision.after = probe.evaluate([wave[tested].cut])[0]
            probe.withdraw(cutBefore[...])
        }
        decision.removed = rule.cuts(decision.change)
        record(decision)
        return decision
    }
}
