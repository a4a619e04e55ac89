import Basics
import Glibc

/// The axes of a panel, and the positions of its values in pixels.
struct PlotScale {
    private let horizontal: PlotAxis
    private let vertical: PlotAxis

    init(_ panel: CurveDrawing.Panel) {
        let heights = panel.series.flatMap { $0.y + ($0.lower ?? []) + ($0.upper ?? []) }
        let hasMarks = panel.series.contains { $0.style != .line }
        horizontal = PlotAxis(
            panel.series.flatMap(\.x), isLogarithmic: panel.isLogarithmic,
            margin: hasMarks ? 0.05 : 0, ticks: panel.ticks)
        vertical = PlotAxis(
            heights + panel.references.map(\.y) + (panel.showsUnit ? [0, 1] : []),
            isLogarithmic: false, margin: panel.showsUnit && !hasMarks ? 0 : 0.05)
    }

    /// Whether a value has a place.
    func shows(_ x: Double, _ y: Double) -> Bool {
        horizontal.share(of: x).isFinite && vertical.share(of: y).isFinite
    }

    /// The distance of a value from the left.
    func x(_ value: Double) -> Double {
        let room = Double(CurveDrawing.width - CurveDrawing.left - CurveDrawing.right)
        return tenths(Double(CurveDrawing.left) + horizontal.share(of: value) * room)
    }

    /// The distance of a value from the top.
    func y(_ value: Double) -> Double {
        let room = Double(CurveDrawing.height - CurveDrawing.top - CurveDrawing.bottom)
        return tenths(Double(CurveDrawing.top) + (1 - vertical.share(of: value)) * room)
    }

    /// `x,y` as a polyline of SVG has it.
    func point(_ x: Double, _ y: Double) -> String { "\(self.x(x)),\(self.y(y))" }

    /// A dashed line across the panel, with its name: above it, or below where the frame is too near,
    /// at the end where the values are farther away.
    func line(
        _ name: String, at value: Double, besides series: [CurveDrawing.Series]
    ) -> [String] {
        let (left, right) = (CurveDrawing.left, CurveDrawing.width - CurveDrawing.right)
        let fontSize = 8.0
        let isAbove = y(value) - 3 - fontSize > Double(CurveDrawing.top)
        let height = isAbove ? y(value) - 3 : y(value) + 1 + fontSize
        let textWidth = TextWidth.of(name, size: fontSize) + 8
        let atLeft = gap(height, Double(left)...Double(left) + textWidth, series)
        let atRight = gap(height, Double(right) - textWidth...Double(right), series)
        let place =
            atLeft > atRight
            ? (x: left + 3, anchor: "start") : (x: right - 3, anchor: "end")
        return [
            """
            <line x1="\(left)" y1="\(y(value))" x2="\(right)" y2="\(y(value))" \
            stroke="#999999" stroke-width="0.7" stroke-dasharray="1 2"/>
            """,
            """
            <text x="\(place.x)" y="\(tenths(height))" text-anchor="\(place.anchor)" font-size="8" \
            fill="#777777">\(escaped(name))</text>
            """,
        ]
    }

    /// How far values are from a height, between two places of the x axis.
    private func gap(
        _ height: Double, _ places: ClosedRange<Double>, _ series: [CurveDrawing.Series]
    ) -> Double {
        series.flatMap { series in
            series.x.indices.filter { shows(series.x[$0], series.y[$0]) }
                .filter { places.contains(x(series.x[$0])) }.map { abs(y(series.y[$0]) - height) }
        }.min() ?? .infinity
    }

    /// Frame, ticks and labels.
    func axes(xLabel: String, yLabel: String) -> [String] {
        let (left, top) = (CurveDrawing.left, CurveDrawing.top)
        let width = CurveDrawing.width - left - CurveDrawing.right
        let height = CurveDrawing.height - top - CurveDrawing.bottom
        let (bottom, middle) = (top + height, top + height / 2)
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
        for tick in horizontal.ticks {
            parts.append(
                """
                <line x1="\(x(tick))" y1="\(bottom)" x2="\(x(tick))" y2="\(bottom + 3)" \
                stroke="#888" stroke-width="0.5"/>
                """)
            parts.append(
                """
                <text x="\(x(tick))" y="\(bottom + 15)" text-anchor="middle" font-size="9">\
                \(Figures.plain(tick))</text>
                """)
        }
        for tick in vertical.ticks {
            parts.append(
                """
                <line x1="\(left - 3)" y1="\(y(tick))" x2="\(left)" y2="\(y(tick))" \
                stroke="#888" stroke-width="0.5"/>
                """)
            parts.append(
                """
                <text x="\(left - 5)" y="\(tenths(y(tick) + 3))" text-anchor="end" font-size="9">\
                \(Figures.plain(tick))</text>
                """)
        }
        return parts
    }

    private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

/// An axis: which values it shows, and where its ticks stand.
struct PlotAxis: Hashable, Sendable {
    private let range: ClosedRange<Double>
    private let isLogarithmic: Bool
    /// The values at which there are ticks: round ones within the range.
    let ticks: [Double]

    /// An axis that shows all finite values.
    /// - Parameters:
    ///   - margin: the share of the range that is left free at either end.
    ///   - ticks: where ticks stand; nil for round values.
    init(_ values: [Double], isLogarithmic: Bool, margin: Double, ticks: [Double]? = nil) {
        let shown = values.map { isLogarithmic ? log10($0) : $0 }.filter(\.isFinite)
        var (low, high) = (shown.min() ?? 0, shown.max() ?? 1)
        if low == high { (low, high) = (low - 0.5, high + 0.5) }
        let free = margin * (high - low)
        range = (low - free)...(high + free)
        self.isLogarithmic = isLogarithmic
        self.ticks = ticks ?? (isLogarithmic ? Self.decades(range) : Self.steps(range))
    }

    /// Where a value lies: 0 at the low end, 1 at the high one; not finite where it has no place.
    func share(of value: Double) -> Double {
        ((isLogarithmic ? log10(value) : value) - range.lowerBound)
            / (range.upperBound - range.lowerBound)
    }

    /// Powers of ten; where there are few of them, twice and five times them as well; in a range too
    /// narrow for three of those, round values at equal steps.
    private static func decades(_ range: ClosedRange<Double>) -> [Double] {
        let (first, last) = (
            Int(range.lowerBound.rounded(.down)), Int(range.upperBound.rounded(.up))
        )
        guard last - first <= 40 else {
            return [pow(10, range.lowerBound), pow(10, range.upperBound)]
        }
        let factors: [Double] = last - first > 4 ? [1] : last - first > 2 ? [1, 3] : [1, 2, 5]
        let slack = 1e-9
        let ticks = (first...last).flatMap { power in factors.map { $0 * pow(10, Double(power)) } }
            .filter {
                log10($0) >= range.lowerBound - slack && log10($0) <= range.upperBound + slack
            }
        return ticks.count > 2
            ? ticks : steps(pow(10, range.lowerBound)...pow(10, range.upperBound))
    }

    /// Multiples of 1, 2 or 5 times a power of ten: four to nine of them.
    private static func steps(_ range: ClosedRange<Double>) -> [Double] {
        let rough = (range.upperBound - range.lowerBound) / 5
        guard rough.isFinite, rough > 0 else { return [range.lowerBound] }
        let power = pow(10, log10(rough).rounded(.down))
        let step = ([1, 2, 5, 10].first { $0 * power >= rough * 0.9 } ?? 10) * power
        let first = (range.lowerBound / step - 1e-9).rounded(.up)
        return (0..<20).map { (first + Double($0)) * step }
            .filter { $0 <= range.upperBound + 1e-9 * step }
    }
}
