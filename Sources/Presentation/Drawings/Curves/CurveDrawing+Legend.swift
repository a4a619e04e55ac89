import Basics

/// What tells the series of a panel apart: symbols, dashes, and the legend's samples of them.
extension CurveDrawing {
    /// The symbol of series number `number`: a circle, a square, a triangle, a diamond, a triangle that
    /// stands on its point, and from the beginning.
    static func symbol(_ number: Int, x: Double, y: Double, _ colour: String) -> String {
        let corners: [(x: Double, y: Double)]
        switch number % 5 {
        case 0: return "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"2.5\" fill=\"\(colour)\"/>"
        case 1: corners = [(-2.3, -2.3), (2.3, -2.3), (2.3, 2.3), (-2.3, 2.3)]
        case 2: corners = [(0, -3.2), (2.9, 2.2), (-2.9, 2.2)]
        case 3: corners = [(0, -3.4), (3.4, 0), (0, 3.4), (-3.4, 0)]
        default: corners = [(0, 3.2), (2.9, -2.2), (-2.9, -2.2)]
        }
        let path = corners.map {
            "\(Figures.fixed(x + $0.x, digits: 1)) \(Figures.fixed(y + $0.y, digits: 1))"
        }
        return "<path d=\"M \(path.joined(separator: " L ")) Z\" fill=\"\(colour)\"/>"
    }

    /// The sample of a series in the legend, at the height `y`.
    static func legendMark(
        of series: Series, _ number: Int, _ colour: String, y: Double, isDashed: Bool
    ) -> [String] {
        let middle = Double(left) + 7
        func line(width: Double, dashes: String?) -> String {
            let dashes = dashes.map { " stroke-dasharray=\"\($0)\"" } ?? ""
            return """
                <line x1="\(left)" y1="\(y)" x2="\(left + 14)" y2="\(y)" stroke="\(colour)" \
                stroke-width="\(width)"\(dashes)/>
                """
        }
        switch series.style {
        case .marks: return [symbol(number, x: middle, y: y, colour)]
        case .line: return [line(width: 3, dashes: isDashed ? "4 3" : nil)]
        case .front:
            return [
                line(width: 1, dashes: "3 2"),
                """
                <circle cx="\(middle)" cy="\(y)" r="4" fill="none" stroke="\(colour)" stroke-width="1"/>
                """,
            ]
        }
    }

    /// Whether line number `index` hides a part of an earlier one, and is therefore dashed: nil where it
    /// doesn't, the name of that line where it is the same from end to end, and otherwise empty.
    static func covered(by index: Int, in panel: Panel, _ scale: PlotScale) -> String? {
        guard panel.series[index].style == .line else { return nil }
        func path(_ series: Series) -> [String] {
            series.x.indices.filter { scale.shows(series.x[$0], series.y[$0]) }
                .map { scale.point(series.x[$0], series.y[$0]) }
        }
        func pieces(_ path: [String]) -> Set<[String]> {
            Set(zip(path, path.dropFirst()).map { [$0, $1] })
        }
        let own = path(panel.series[index])
        var isPartly = false
        for other in panel.series[..<index] where other.style == .line {
            if path(other) == own { return other.name }
            isPartly = isPartly || !pieces(path(other)).isDisjoint(with: pieces(own))
        }
        return isPartly ? "" : nil
    }
}
