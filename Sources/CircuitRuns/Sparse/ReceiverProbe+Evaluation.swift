import Engine

/// Evaluating circuits that lack some of the receivers' edges.
extension ReceiverProbe {
    /// The metric, as minimised, after cutting the first 1, 2, ... of `wave` besides the cuts
    /// accepted before.
    package func evaluate(_ wave: ArraySlice<EdgeCut>) -> [Double] {
        evaluate(wave, variants: wave.count)
    }

    /// The metric, as minimised, with no more than the accepted cuts.
    package func evaluateCurrent() -> Double { evaluate([], variants: 1)[0] }

    private func evaluate(_ wave: ArraySlice<EdgeCut>, variants: Int) -> [Double] {
        var remaining = edges
        for cut in wave { remaining.set(cut, false) }
        let final = finalRows(
            wave, variants: variants,
            remaining: 2 * remaining.count > edgesAtStart.count ? nil : remaining)
        return state.minimisedMetric(of: final, variants: variants, scratch)
    }

    /// The metric of each pair with each edge of `wave` cut by itself, besides the accepted cuts,
    /// `[pair, edge of wave]`; of an empty wave, with the accepted cuts only, `[pair]`.
    package func evaluateOneByOne(_ wave: ArraySlice<EdgeCut>) -> [Double] {
        let variants = max(1, wave.count)
        let final = finalRows(wave, variants: variants, cutsOneByOne: true)
        return state.metricValues(of: final, variants: variants, scratch)
    }

    /// The normalised final stream at the end of each pair for variants of the input,
    /// `[pair, variant, d_model]`.
    /// - Parameters:
    ///   - remaining: the edges that the input is built from, if most are cut.
    ///   - pieces: those that are run; nil runs all pairs.
    func finalRows(
        _ wave: ArraySlice<EdgeCut>, variants: Int, remaining: InputEdges? = nil,
        cutsOneByOne: Bool = false, pieces: [Range<Int>]? = nil
    ) -> FloatBuffer {
        let (receiver, extent, edges) = (receiver, extent, edges)
        let final = state.makeFinalRows(variants: variants)
        differences = nil
        // Of a wave at several positions, the first one decides.
        let positions = wave.compactMap(\.position)
        let rows = positions.count == wave.count ? rows(from: positions.min()) : nil
        let rest = remaining.map { input(of: $0, pieces, rows) }
        if pieces == nil, positions.isEmpty {
            differences = KnownDifferences(
                of: wave.flatMap(\.senders), extent, in: state, scratch)
        }
        let differences = differences
        forEachUnit(pieces, rows: rows, variants: variants) { runner, base in
            let tested = TestedInput(
                receiver: receiver,
                start: rest.map { .rest($0.values, extent) } ?? .whole(base, extent), edges: edges,
                wave: wave, differences: differences, variants: variants,
                cutsOneByOne: cutsOneByOne)
            runner.evaluate(tested, final: final.values)
        }
        work.add(plan, variants: variants)
        return final
    }

    /// The receiver's input of nothing but some edges, `[row of extent, part, d_model]`; only `rows` of
    /// it.
    private func input(
        of edges: InputEdges, _ pieces: [Range<Int>]?, _ rows: ActiveRows?
    ) -> FloatBuffer {
        let (receiver, extent) = (receiver, extent)
        let input = FloatBuffer(count: base.count)
        forEachUnit(pieces, rows: rows) { runner, _ in
            runner.fillRest(input.values, of: receiver, extent, edges)
        }
        return input
    }
}
