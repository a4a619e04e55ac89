import Engine
import Graphs

/// Which features matter most to the targets, by the rows computed so far: how a graph of fewer
/// features than are active chooses them.
struct InfluenceRanking {
    /// The rows so far, by feature.
    private(set) var rows: [Int: FloatBuffer] = [:]
    private let sources: FeatureSources
    private let targetRows: [(row: FloatBuffer, weight: Double)]
    private var sums: [Int: Double] = [:]

    init(
        _ sources: FeatureSources, _ targets: [FeatureGraph.Target], _ targetRows: [FloatBuffer]
    ) {
        self.sources = sources
        self.targetRows = zip(targetRows, targets).map { ($0, $1.weight) }
    }

    /// Adds the row of a feature.
    mutating func add(_ row: FloatBuffer, of feature: Int) {
        rows[feature] = row
        sums[feature] = Self.sum(row)
    }

    private static func sum(_ row: FloatBuffer) -> Double {
        UnsafeBufferPointer(start: row.values, count: row.count).reduce(0.0) {
            $0 + Double(abs($1))
        }
    }

    /// The most influential features without a row; of equal ones the first.
    func best(_ count: Int) -> [Int] {
        let layout = sources.layout
        var influence = [Double](repeating: 0, count: layout.outputCount)
        func add(_ row: FloatBuffer, sum: Double, flow: Double, layer: Int, positions: Int) {
            guard flow > 0 else { return }
            // circuit-tracer's bound of this sum.
            let share = flow / max(sum, 1e-8)
            for segment in layout.segments(layer: layer, positions: positions).segments {
                for (offset, source) in segment.sources.enumerated() {
                    influence[source] += share * Double(abs(row.values[segment.start + offset]))
                }
            }
        }
        for (row, weight) in targetRows {
            add(
                row, sum: Self.sum(row), flow: weight, layer: layout.layerCount,
                positions: layout.length)
        }
        // Rows lead to lower layers only, so that a feature's influence is known when its row's turn is.
        for (feature, row) in rows.sorted(by: { $0.key > $1.key }) {
            let target = sources.features[feature]
            add(
                row, sum: sums[feature] ?? 0, flow: influence[sources.sourceOfFeature[feature]],
                layer: Int(target.layer), positions: Int(target.position) + 1)
        }
        let rest = sources.features.indices.filter { rows[$0] == nil }
            .map { (feature: $0, influence: influence[sources.sourceOfFeature[$0]]) }
        return rest.sorted { ($0.influence, $1.feature) > ($1.influence, $0.feature) }
            .prefix(count).map(\.feature)
    }
}
