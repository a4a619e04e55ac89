package import Artifacts
package import Basics
import Graphs

/// A drawing of an evaluation: its curves over the size of circuits (faithfulness), against a known
/// circuit (ROC) or over the number of pairs (stability), each with its confidence band; the circuits
/// that were judged together, with their Pareto front; and how stable edges are.
package struct CurveDrawing: Hashable, Sendable {
    /// Values that belong together, with a name in the legend.
    struct Series: Hashable, Sendable {
        /// How the values are drawn.
        enum Style: Hashable, Sendable {
            /// A line, with a band between the ends of the intervals.
            case line
            /// A mark for each, with a bar for its interval. Nothing joins them: each is a circuit of its
            /// own.
            case marks
            /// The steps between circuits on the Pareto front, with a ring around each.
            case front
        }

        var name: String
        var x: [Double]
        var y: [Double]
        var lower: [Double]?
        var upper: [Double]?
        var style = Style.line
        /// A short text beside each mark; empty for none.
        var labels: [String] = []
    }

    /// A height that others are compared with: the metric of the full model.
    struct Reference: Hashable, Sendable {
        var name: String
        var y: Double
    }

    /// Series that share their axes.
    struct Panel: Hashable, Sendable {
        var xLabel: String
        var yLabel: String
        var series: [Series]
        /// Whether the x axis is logarithmic, as that of shares of edges is.
        var isLogarithmic = false
        /// Whether the y axis goes from 0 to 1 at least.
        var showsUnit = true
        var references: [Reference] = []
        /// Where the ticks of the x axis stand; nil for round values.
        var ticks: [Double]?
        /// Lines below the legend.
        var notes: [String] = []
    }

    /// The panels, side by side.
    let panels: [Panel]

    /// The drawing of an evaluation.
    /// - Throws: ``Failure`` (usage) if it has nothing to draw.
    package init(_ evaluation: EvaluationArtifact) throws(Failure) {
        var panels = Self.circuitPanels(evaluation)
        for curve in evaluation.curves where curve.x.count > 1 {
            let series = Series(
                name: curve.name, x: curve.x, y: curve.y, lower: curve.lower, upper: curve.upper)
            let index = panels.firstIndex {
                $0.xLabel == curve.xLabel && $0.yLabel == curve.yLabel
            }
            if let index {
                panels[index].series.append(series)
            } else {
                panels.append(
                    Panel(
                        xLabel: curve.xLabel, yLabel: curve.yLabel, series: [series],
                        isLogarithmic: ["share of edges", "pairs"].contains(curve.xLabel),
                        ticks: curve.xLabel == "pairs" ? curve.x : nil))
            }
        }
        if let panel = Self.stabilityPanel(evaluation) { panels.append(panel) }
        guard !panels.isEmpty else {
            throw Failure(.usage, "the evaluation has nothing to draw: no curve, no circuits")
        }
        self.panels = panels
    }

    /// The circuits that were judged together: edges against metric, and against faithfulness.
    private static func circuitPanels(_ evaluation: EvaluationArtifact) -> [Panel] {
        let judged = evaluation.circuits.filter { !$0.metric.value.isNaN }
        guard judged.count > 1 else { return [] }
        func panel(
            _ label: String, _ estimate: (EvaluationArtifact.Circuit) -> EvaluationArtifact.Estimate
        ) -> Panel {
            let shown = judged.filter { $0.edgeCount > 0 }
            var series = Self.methods(of: shown).map { method in
                Series(
                    name: method.name, x: method.rows.map { Double($0.edgeCount) },
                    y: method.rows.map { estimate($0).value },
                    lower: method.rows.map { estimate($0).lower },
                    upper: method.rows.map { estimate($0).upper }, style: .marks,
                    labels: method.rows.map { row in
                        row.isOnFront ? row.run.map { "#\($0)" } ?? "" : ""
                    })
            }
            let fronts = Dictionary(grouping: shown.filter(\.isOnFront), by: \.level)
            for (level, circuits) in fronts.sorted(by: { $0.key < $1.key }) {
                let front = circuits.sorted { $0.edgeCount < $1.edgeCount }
                let ofLevel = fronts.count > 1 ? " of level \(level)" : ""
                series.append(
                    Series(
                        name:
                            "Pareto front\(ofLevel): no other circuit is as good with fewer edges",
                        x: front.map { Double($0.edgeCount) }, y: front.map { estimate($0).value },
                        style: .front))
            }
            let empty = judged.count - shown.count
            return Panel(
                xLabel: "edges", yLabel: label, series: series, isLogarithmic: true,
                notes: empty == 0
                    ? [] : ["not drawn: \(empty) without edges, which a logarithm hasn't"])
        }
        var metric = panel(MetricName.label(of: evaluation.metric)) { $0.metric }
        metric.showsUnit = false
        for (name, figure) in [
            ("full model", "metric-full"), ("all corrupted", "metric-corrupted"),
        ] {
            if let value = evaluation.figures.first(where: { $0.name == figure })?.value {
                metric.references.append(Reference(name: name, y: value))
            }
        }
        return [metric, panel("faithfulness") { $0.faithfulness }]
    }

    /// The circuits that one method found in one order, file by file, by their size; the order is named
    /// where it tells runs of a file apart.
    private static func methods(
        of circuits: [EvaluationArtifact.Circuit]
    ) -> [(name: String, rows: [EvaluationArtifact.Circuit])] {
        var keys: [[String]] = []
        for circuit in circuits {
            let key = [circuit.file.path, circuit.method, circuit.order]
            if !keys.contains(key) { keys.append(key) }
        }
        return keys.map { key in
            let rows = circuits.filter { [$0.file.path, $0.method, $0.order] == key }
                .sorted { $0.edgeCount < $1.edgeCount }
            let isOnly = keys.count { $0.prefix(2) == key.prefix(2) } == 1
            let how = isOnly || key[2].isEmpty ? key[1] : "\(key[1]), \(key[2])"
            return ("\(key[0] == "-" ? "standard input" : key[0]) (\(how))", rows)
        }
    }

    /// Every edge that is ever found, by its stability.
    private static func stabilityPanel(_ evaluation: EvaluationArtifact) -> Panel? {
        let shares = (evaluation.edgeColumns["stability"] ?? []).filter { $0 > 0 }.sorted(by: >)
        guard shares.count > 1 else { return nil }
        let unit = evaluation.circuits.isEmpty ? "samples of the pairs" : "circuits"
        let sure = shares.count { $0 > 0.95 }
        return Panel(
            xLabel: "edges, the surest first", yLabel: "share of \(unit) that have it",
            series: [
                Series(
                    name: "\(shares.count) edges in any, \(sure) in over 95%",
                    x: shares.indices.map { Double($0 + 1) }, y: shares)
            ], references: [Reference(name: "95%", y: 0.95)])
    }
}
