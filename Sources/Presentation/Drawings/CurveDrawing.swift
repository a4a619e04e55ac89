package import Artifacts
package import Basics
import Glibc

/// A drawing of the curves of an evaluation: those over the size of circuits (faithfulness) and those
/// against a known circuit (ROC), each with its confidence band.
package struct CurveDrawing: Hashable, Sendable {
    /// Curves that share their axes.
    struct Panel: Hashable, Sendable {
        var xLabel: String
        var yLabel: String
        var curves: [EvaluationArtifact.Curve]
        /// Whether the x axis is logarithmic, as that of shares of edges is.
        var isLogarithmic: Bool
    }

    /// The panels, side by side.
    let panels: [Panel]

    /// The drawing of an evaluation.
    /// - Throws: ``Failure`` (usage) if it has no curve.
    package init(_ evaluation: EvaluationArtifact) throws(Failure) {
        var panels: [Panel] = []
        for curve in evaluation.curves where curve.x.count > 1 {
            let index = panels.firstIndex {
                $0.xLabel == curve.xLabel && $0.yLabel == curve.yLabel
            }
            if let index {
                panels[index].curves.append(curve)
            } else {
                panels.append(
                    Panel(
                        xLabel: curve.xLabel, yLabel: curve.yLabel, curves: [curve],
                        isLogarithmic: curve.xLabel == "share of edges"))
            }
        }
        guard !panels.isEmpty else {
            throw Failure(.usage, "the evaluation has no curve to draw")
        }
        self.panels = panels
    }
}

extension CurveDrawing {
    fileprivate static let width = 380
    fileprivate static let height = 300
    fileprivate static let (left, top, right, bottom) = (56, 30, 16, 56)
    fileprivate static let colours = ["#2166ac", "#b2182b", "#666666", "#1b7837", "#762a83"]

    /// The drawing as SVG.
    package func svg() -> String {
        let width = Self.width * panels.count
        let legend = 16 * (panels.map(\.curves.count).max() ?? 0)
        let height = Self.height + legend
        var parts = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" font-family="Helvetica, Arial, sans-serif" \
            font-size="11">
            """,
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
        ]
        for (index, panel) in panels.enumerated() {
            parts.append("<g transform=\"translate(\(index * Self.width) 0)\">")
            parts += panel.parts()
            parts.append("</g>")
        }
        parts.append("</svg>")
        return parts.joined(separator: "\n") + "\n"
    }
}

extension CurveDrawing.Panel {
    /// The panel's axes, bands, lines and legend.
    fileprivate func parts() -> [String] {
        let scale = CurveScale(self)
        var parts = scale.axes(xLabel: xLabel, yLabel: yLabel)
        for (index, curve) in curves.enumerated() {
            let colour = CurveDrawing.colours[index % CurveDrawing.colours.count]
            let points = curve.x.indices.filter { scale.shows(curve.x[$0], curve.y[$0]) }
            if let lower = curve.lower, let upper = curve.upper {
                let inside = points.filter { lower[$0].isFinite && upper[$0].isFinite }
                let outline =
                    inside.map { scale.point(curve.x[$0], upper[$0]) }
                    + inside.reversed().map { scale.point(curve.x[$0], lower[$0]) }
                parts.append(
                    """
                    <polygon points="\(outline.joined(separator: " "))" fill="\(colour)" \
                    fill-opacity="0.15"/>
                    """)
            }
            let line = points.map { scale.point(curve.x[$0], curve.y[$0]) }
            let (x, y) = (CurveDrawing.left, CurveDrawing.height - 4 + 16 * index)
            parts += [
                """
                <polyline points="\(line.joined(separator: " "))" fill="none" stroke="\(colour)" \
                stroke-width="1.5"/>
                """,
                "<rect x=\"\(x)\" y=\"\(y - 8)\" width=\"14\" height=\"3\" fill=\"\(colour)\"/>",
                "<text x=\"\(x + 20)\" y=\"\(y - 3)\">\(escaped(curve.name))</text>",
            ]
        }
        return parts
    }
}

/// The positions of a panel's values, in pixels.
private struct CurveScale {
    private let isLogarithmic: Bool
    private let x: ClosedRange<Double>
    private let y: ClosedRange<Double>

    init(_ panel: CurveDrawing.Panel) {
        isLogarithmic = panel.isLogarithmic
        let xs = panel.curves.flatMap(\.x).map { panel.isLogarithmic ? log10($0) : $0 }
            .filter(\.isFinite)
        let ys = panel.curves.flatMap { $0.y + ($0.lower ?? []) + ($0.upper ?? []) }
            .filter(\.isFinite)
        x = CurveScale.range(xs, including: [])
        y = CurveScale.range(ys, including: [0, 1])
    }

    private static func range(_ values: [Double], including: [Double]) -> ClosedRange<Double> {
        let all = values + including
        let (low, high) = (all.min() ?? 0, all.max() ?? 1)
        return low < high ? low...high : low...low + 1
    }

    func shows(_ x: Double, _ y: Double) -> Bool {
        y.isFinite && (isLogarithmic ? log10(x) : x).isFinite
    }

    /// `x,y` as a polyline of SVG has it.
    func point(_ x: Double, _ y: Double) -> String {
        "\(tenths(horizontal(isLogarithmic ? log10(x) : x))),\(tenths(vertical(y)))"
    }

    /// - Parameter x: The value, or its logarithm where the axis is logarithmic.
    private func horizontal(_ value: Double) -> Double {
        let room = Double(CurveDrawing.width - CurveDrawing.left - CurveDrawing.right)
        return Double(CurveDrawing.left)
            + (value - x.lowerBound) / (x.upperBound - x.lowerBound) * room
    }

    private func vertical(_ value: Double) -> Double {
        let room = Double(CurveDrawing.height - CurveDrawing.top - CurveDrawing.bottom)
        return Double(CurveDrawing.top)
            + (y.upperBound - value) / (y.upperBound - y.lowerBound) * room
    }

    /// Frame, ticks and labels.
    func axes(xLabel: String, yLabel: String) -> [String] {
        let (left, top) = (CurveDrawing.left, CurveDrawing.top)
        let width = CurveDrawing.width - left - CurveDrawing.right
        let height = CurveDrawing.height - top - CurveDrawing.bottom
        let bottom = top + height
        let middle = top + height / 2
        var parts = [
            """
            <rect x="\(left)" y="\(top)" width="\(width)" height="\(height)" fill="none" \
            stroke="#888" stroke-width="0.5"/>
            """,
            """
            <text x="\(left + width / 2)" y="\(bottom + 32)" text-anchor="middle">\
            \(escaped(xLabel))</text>
            """,
            """
            <text x="14" y="\(middle)" text-anchor="middle" \
            transform="rotate(-90 14 \(middle))">\(escaped(yLabel))</text>
            """,
        ]
        for step in 0...4 {
            let share = Double(step) / 4
            let tickX = x.lowerBound + share * (x.upperBound - x.lowerBound)
            let tickY = y.lowerBound + share * (y.upperBound - y.lowerBound)
            let label = Figures.short(isLogarithmic ? pow(10, tickX) : tickX)
            parts.append(
                """
                <text x="\(tenths(horizontal(tickX)))" y="\(bottom + 15)" text-anchor="middle" \
                font-size="9">\(label)</text>
                """)
            parts.append(
                """
                <text x="\(left - 5)" y="\(tenths(vertical(tickY) + 3))" text-anchor="end" \
                font-size="9">\(Figures.short(tickY))</text>
                """)
        }
        return parts
    }

    private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
