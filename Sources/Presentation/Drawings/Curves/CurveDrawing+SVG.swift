extension CurveDrawing {
    static let (width, height) = (400, 300)
    static let (left, top, right, bottom) = (56, 30, 16, 56)
    static let colours = [
        "#2166ac", "#b2182b", "#666666", "#1b7837", "#762a83", "#b35806", "#01665e", "#c51b7d",
    ]
    /// The height of a line of the legend, and how many characters of it fit into a panel.
    private static let (legendLine, legendWidth) = (16, 58)

    /// The drawing as SVG.
    package func svg() -> String {
        let width = Self.width * panels.count
        let lines = panels.map { $0.series.count + $0.notes.count }.max() ?? 0
        let height = Self.height + Self.legendLine * lines
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
            parts += Self.parts(of: panel)
            parts.append("</g>")
        }
        parts.append("</svg>")
        return parts.joined(separator: "\n") + "\n"
    }

    /// A panel's axes, values and legend.
    private static func parts(of panel: Panel) -> [String] {
        let scale = PlotScale(panel)
        var parts = scale.axes(xLabel: panel.xLabel, yLabel: panel.yLabel)
        for reference in panel.references {
            parts += scale.line(reference.name, at: reference.y, besides: panel.series)
        }
        var labels: [(x: Double, y: Double)] = []
        var legend: [(mark: [String], text: String)] = []
        for (index, series) in panel.series.enumerated() {
            let colour = series.style == .front ? "#000000" : colours[index % colours.count]
            let covered = covered(by: index, in: panel, scale)
            parts += shapes(
                of: series, index, colour, scale, isDashed: covered != nil, labels: &labels)
            let y = Double(height - 4 + legendLine * index) - 6.5
            var name = series.name
            if let covered { name += covered.isEmpty ? " (dashed)" : " (dashed: as \(covered))" }
            legend.append(
                (legendMark(of: series, index, colour, y: y, isDashed: covered != nil), name))
        }
        legend += panel.notes.map { ([], $0) }
        for (index, entry) in legend.enumerated() {
            let y = height - 4 + legendLine * index
            parts += entry.mark
            parts.append(
                "<text x=\"\(left + 20)\" y=\"\(y - 3)\">\(escaped(shortened(entry.text)))</text>")
        }
        return parts
    }

    private static func shapes(
        of series: Series, _ number: Int, _ colour: String, _ scale: PlotScale, isDashed: Bool,
        labels: inout [(x: Double, y: Double)]
    ) -> [String] {
        let points = series.x.indices.filter { scale.shows(series.x[$0], series.y[$0]) }
        switch series.style {
        case .line:
            let path = points.map { scale.point(series.x[$0], series.y[$0]) }
            return band(of: series, points, colour, scale) + [
                """
                <polyline points="\(path.joined(separator: " "))" fill="none" stroke="\(colour)" \
                stroke-width="1.5"\(isDashed ? " stroke-dasharray=\"5 5\"" : "")/>
                """
            ]
        case .marks:
            return points.flatMap { point in
                // A label that would run into another is left out.
                let place = (x: scale.x(series.x[point]), y: scale.y(series.y[point]))
                let isFree = labels.allSatisfy {
                    abs($0.x - place.x) > 14 || abs($0.y - place.y) > 9
                }
                if isFree, !series.labels[point].isEmpty { labels.append(place) }
                return mark(point, of: series, number, colour, scale, isLabelled: isFree)
            }
        case .front:
            return front(points, of: series, colour, scale)
        }
    }

    /// The band between the ends of intervals.
    private static func band(
        of series: Series, _ points: [Int], _ colour: String, _ scale: PlotScale
    ) -> [String] {
        guard let lower = series.lower, let upper = series.upper else { return [] }
        let inside = points.filter { lower[$0].isFinite && upper[$0].isFinite }
        let outline =
            inside.map { scale.point(series.x[$0], upper[$0]) }
            + inside.reversed().map { scale.point(series.x[$0], lower[$0]) }
        return [
            """
            <polygon points="\(outline.joined(separator: " "))" fill="\(colour)" \
            fill-opacity="0.15"/>
            """
        ]
    }

    /// A mark with its interval and its text.
    private static func mark(
        _ index: Int, of series: Series, _ number: Int, _ colour: String, _ scale: PlotScale,
        isLabelled: Bool
    ) -> [String] {
        let (x, y) = (scale.x(series.x[index]), scale.y(series.y[index]))
        var parts: [String] = []
        if let lower = series.lower?[index], let upper = series.upper?[index], lower.isFinite,
            upper.isFinite
        {
            parts.append(
                """
                <line x1="\(x)" y1="\(scale.y(lower))" x2="\(x)" y2="\(scale.y(upper))" \
                stroke="\(colour)" stroke-width="1" stroke-opacity="0.5"/>
                """)
        }
        parts.append(symbol(number, x: x, y: y, colour))
        if isLabelled, !series.labels[index].isEmpty {
            parts.append(label(series.labels[index], ofMarkAt: (x, y), colour))
        }
        return parts
    }

    /// The text beside a mark: above it to the right, and inside the frame.
    private static func label(
        _ text: String, ofMarkAt place: (x: Double, y: Double), _ colour: String
    ) -> String {
        let fontSize = 8.0
        let fits = place.x + 5 + TextWidth.of(text, size: fontSize) < Double(width - right - 2)
        let y = place.y - 5 - fontSize > Double(top) ? place.y - 5 : place.y + 5 + fontSize
        return """
            <text x="\(fits ? place.x + 5 : place.x - 5)" y="\(y)" \
            text-anchor="\(fits ? "start" : "end")" font-size="8" fill="\(colour)">\
            \(escaped(text))</text>
            """
    }

    /// The steps of the front: what can be had with at most so many edges.
    private static func front(
        _ points: [Int], of series: Series, _ colour: String, _ scale: PlotScale
    ) -> [String] {
        var path: [String] = []
        for (previous, next) in zip(points, points.dropFirst()) {
            path.append(scale.point(series.x[previous], series.y[previous]))
            path.append(scale.point(series.x[next], series.y[previous]))
        }
        if let last = points.last { path.append(scale.point(series.x[last], series.y[last])) }
        return [
            """
            <polyline points="\(path.joined(separator: " "))" fill="none" stroke="\(colour)" \
            stroke-width="1" stroke-dasharray="3 2"/>
            """
        ]
            + points.map {
                """
                <circle cx="\(scale.x(series.x[$0]))" cy="\(scale.y(series.y[$0]))" r="4.5" \
                fill="none" stroke="\(colour)" stroke-width="1"/>
                """
            }
    }

    /// A text that fits into the legend: of a long one the middle is left out.
    private static func shortened(_ text: String) -> String {
        guard text.count > legendWidth else { return text }
        let kept = (legendWidth - 1) / 2
        return text.prefix(kept) + "…" + text.suffix(kept)
    }
}
