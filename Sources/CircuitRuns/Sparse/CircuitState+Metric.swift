package import Engine
import Experiments
import Graphs
import Models

/// The metric of circuits from their final streams.
extension CircuitState {
    /// Room for the normalised final stream of all pairs, `[pair, variant, d_model]`.
    func makeFinalRows(variants: Int) -> FloatBuffer {
        FloatBuffer(
            count: rows.positions.count * variants * transformer.configuration.dModel)
    }

    /// The metric of each pair and variant, `[pair, variant]`.
    func metricValues(of final: FloatBuffer, variants: Int, _ scratch: ScratchPool) -> [Double] {
        metric.values(
            normalized: final.values, rows: rows.positions.count * variants,
            rowsPerPair: variants, pairOf: { $0 / variants }, scratch: scratch)
    }

    /// The mean metric of each variant, negated if a higher one is better.
    func minimisedMetric(of final: FloatBuffer, variants: Int, _ scratch: ScratchPool) -> [Double] {
        let values = metricValues(of: final, variants: variants, scratch)
        let pairs = rows.positions.count
        let sign = metric.lossSign
        return (0..<variants).map { variant in
            sign * (0..<pairs).reduce(0) { $0 + values[$1 * variants + variant] } / Double(pairs)
        }
    }

    /// The metric of some pairs, negated if a higher one is better: for each, `[variant]`.
    func minimisedMetrics(
        of final: FloatBuffer, pairs: [Int], variants: Int, _ scratch: ScratchPool
    ) -> [[Double]] {
        let dModel = transformer.configuration.dModel
        let width = variants * dModel
        let chosen = FloatBuffer(count: pairs.count * width)
        for (index, pair) in pairs.enumerated() {
            (chosen.values + index * width).update(from: final.values + pair * width, count: width)
        }
        let values = metric.values(
            normalized: chosen.values, rows: pairs.count * variants,
            rowsPerPair: variants, pairOf: { pairs[$0 / variants] }, scratch: scratch)
        let sign = metric.lossSign
        return pairs.indices.map { index in
            (0..<variants).map { sign * values[index * variants + $0] }
        }
    }

    /// The mean metric with every edge cut, as minimised.
    package func ablatedMetric(_ scratch: ScratchPool) -> Double {
        holdAblatedStream(at: 2 * graph.nLayers, .end)
        let point = 2 * graph.nLayers
        let final = FloatBuffer(count: rows.positions.count * parts.width(at: point))
        ablatedStream(at: point).copy(
            .end, of: rows.positions.indices, in: rows, to: final.values)
        parts.join(final.values, rows: rows.positions.count, at: point)
        transformer.finalNorm.apply(final.values, to: final.values, rows: rows.positions.count)
        return minimisedMetric(of: final, variants: 1, scratch)[0]
    }
}
