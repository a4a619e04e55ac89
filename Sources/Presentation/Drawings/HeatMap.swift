package import Artifacts
import Graphs

/// A table of signed values that are shown by colour, such as the effect of patching each layer at
/// each position.
package struct HeatMap: Hashable, Sendable {
    /// What is shown.
    package var title: String
    /// What a value is, as the colour scale is labelled.
    package var valueName: String
    /// The rows.
    package var rows: Axis
    /// The columns.
    package var columns: Axis
    /// The values; NaN where there is none. Shape `[row, column]`.
    package var values: [[Float]]

    /// The rows or the columns of the table.
    package struct Axis: Hashable, Sendable {
        /// What they are: `layer`, `head`, `position`.
        package var name: String
        /// The label of each row or column.
        package var labels: [String]

        /// Makes an axis from its parts.
        package init(name: String, labels: [String]) {
            self.name = name
            self.labels = labels
        }
    }

    /// Makes a heat map from its parts.
    package init(
        title: String, valueName: String, rows: Axis, columns: Axis, values: [[Float]]
    ) {
        self.title = title
        self.valueName = valueName
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// The largest absolute value, where the colour scale ends; 1 if all are 0.
    var scale: Float {
        let largest = values.joined().lazy.filter(\.isFinite).map(abs).max() ?? 0
        return largest > 0 ? largest : 1
    }
}

extension HeatMap {
    /// The usual heat map of patching effects: layer by head where heads were patched at all positions
    /// at once, otherwise component by position.
    package init(_ effects: PatchEffectsArtifact) {
        self.init(
            title: "\(effects.model.name): \(effects.site) patched, \(effects.direction)",
            valueName: "change of \(MetricName.label(of: effects.metric))",
            rows: Axis(name: "component", labels: effects.components),
            columns: Axis(name: "position", labels: effects.positions),
            values: effects.components.indices.map { Array(effects.effects[row: $0]) })
        if effects.positions.count == 1 {
            arrangeByHead(effects)
        } else if Set(effects.layers).count == effects.layers.count,
            effects.layers.allSatisfy({ $0 >= 0 })
        {
            rows = Axis(name: "layer", labels: effects.layers.map(String.init))
        }
    }

    /// Rearranges a single column as a table of layer by head, if its components are all heads.
    private mutating func arrangeByHead(_ effects: PatchEffectsArtifact) {
        let addresses = effects.components.compactMap(NodeAddress.init)
        guard addresses.count == effects.components.count,
            let last = addresses.compactMap(\.layer).max(),
            let widest = addresses.compactMap(\.head).max(), last < 4096, widest < 4096,
            addresses.allSatisfy({ $0.layer != nil && $0.head != nil && $0.role == .attention })
        else { return }
        var table = [[Float]](
            repeating: [Float](repeating: .nan, count: widest + 1), count: last + 1)
        for (address, value) in zip(addresses, effects.effects.values) {
            if let layer = address.layer, let head = address.head { table[layer][head] = value }
        }
        rows = Axis(name: "layer", labels: (0...last).map(String.init))
        columns = Axis(name: "head", labels: (0...widest).map(String.init))
        values = table
    }
}
