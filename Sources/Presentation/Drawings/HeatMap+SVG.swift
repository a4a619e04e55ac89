extension HeatMap {
    /// The heat map as an SVG drawing with labelled axes and a colour scale.
    package func svg() -> String {
        let layout = Layout(self)
        var parts = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(layout.width)" \
            height="\(layout.height)" viewBox="0 0 \(layout.width) \(layout.height)" \
            font-family="Helvetica, Arial, sans-serif" font-size="11">
            """,
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            text(title, x: layout.left, y: 20, size: 13),
        ]
        parts += cells(layout)
        parts += rowLabels(layout)
        parts += columnLabels(layout)
        parts += colourScale(layout)
        parts.append("</svg>")
        return parts.joined(separator: "\n") + "\n"
    }

    /// Positions and sizes, in pixels.
    private struct Layout {
        let cellWidth: Int
        let cellHeight: Int
        let left: Int
        let top = 34
        let gridWidth: Int
        let gridHeight: Int
        let labelDepth: Int
        let labelsAreTilted: Bool
        let width: Int
        let height: Int

        init(_ map: HeatMap) {
            let longestRow = map.rows.labels.map(\.count).max() ?? 1
            let longestColumn = map.columns.labels.map(\.count).max() ?? 1
            let count = max(1, map.columns.labels.count)
            cellWidth = max(14, min(44, 900 / count))
            cellHeight = max(12, min(24, 900 / max(1, map.rows.labels.count)))
            left = 34 + 7 * longestRow
            gridWidth = cellWidth * count
            gridHeight = cellHeight * max(1, map.rows.labels.count)
            labelsAreTilted = 7 * longestColumn > cellWidth - 4
            labelDepth = labelsAreTilted ? 10 + 5 * min(longestColumn, 24) : 16
            width = max(left + gridWidth + 90, left + 7 * map.title.count + 10)
            height = top + max(gridHeight, 120) + labelDepth + 34
        }
    }

    private func cells(_ layout: Layout) -> [String] {
        var parts: [String] = []
        for (row, line) in values.enumerated() {
            for (column, value) in line.enumerated() where value.isFinite {
                let x = layout.left + column * layout.cellWidth
                let y = layout.top + row * layout.cellHeight
                let colour = Colour.diverging(Double(value / scale))
                let tooltip =
                    "\(rows.name) \(rows.labels[row]), "
                    + "\(columns.name) \(columns.labels[column]): \(value)"
                parts.append(
                    """
                    <rect x="\(x)" y="\(y)" width="\(layout.cellWidth)" \
                    height="\(layout.cellHeight)" fill="\(colour.hex)">\
                    <title>\(escaped(tooltip))</title></rect>
                    """)
                if layout.cellWidth >= 32, abs(value) >= scale / 10 {
                    parts.append(
                        text(
                            HeatMap.short(value), x: x + layout.cellWidth / 2,
                            y: y + layout.cellHeight / 2 + 3, anchor: "middle", size: 9,
                            fill: colour.isDark ? "white" : "#333"))
                }
            }
        }
        parts.append(
            """
            <rect x="\(layout.left)" y="\(layout.top)" width="\(layout.gridWidth)" \
            height="\(layout.gridHeight)" fill="none" stroke="#888" stroke-width="0.5"/>
            """)
        return parts
    }

    private func rowLabels(_ layout: Layout) -> [String] {
        let labels = rows.labels.enumerated().map { row, label in
            text(
                label, x: layout.left - 6,
                y: layout.top + row * layout.cellHeight + layout.cellHeight / 2 + 4, anchor: "end")
        }
        let middle = layout.top + layout.gridHeight / 2
        return labels + [
            text(
                rows.name, x: 14, y: middle, anchor: "middle",
                extra: " transform=\"rotate(-90 14 \(middle))\"")
        ]
    }

    private func columnLabels(_ layout: Layout) -> [String] {
        let y = layout.top + layout.gridHeight + 14
        let labels = columns.labels.enumerated().map { column, label in
            let x = layout.left + column * layout.cellWidth + layout.cellWidth / 2
            guard layout.labelsAreTilted else { return text(label, x: x, y: y, anchor: "middle") }
            return text(
                String(label.prefix(24)), x: x + 4, y: y - 4, anchor: "end",
                extra: " transform=\"rotate(-60 \(x + 4) \(y - 4))\"")
        }
        return labels + [
            text(
                columns.name, x: layout.left + layout.gridWidth / 2, y: y + layout.labelDepth + 6,
                anchor: "middle")
        ]
    }

    private func colourScale(_ layout: Layout) -> [String] {
        let (x, steps, height) = (layout.left + layout.gridWidth + 18, 40, 3)
        var parts = (0..<steps).map { step in
            let value = 1 - 2 * (Double(step) + 0.5) / Double(steps)
            return """
                <rect x="\(x)" y="\(layout.top + step * height)" width="12" height="\(height)" \
                fill="\(Colour.diverging(value).hex)"/>
                """
        }
        let end = HeatMap.short(scale)
        parts.append(text(end, x: x + 16, y: layout.top + 8))
        parts.append(text("0", x: x + 16, y: layout.top + steps * height / 2 + 4))
        parts.append(text("-" + end, x: x + 16, y: layout.top + steps * height))
        let middle = layout.top + steps * height / 2
        parts.append(
            text(
                valueName, x: x + 58, y: middle, anchor: "middle",
                extra: " transform=\"rotate(90 \(x + 58) \(middle))\""))
        return parts
    }

    private func text(
        _ content: String, x: Int, y: Int, anchor: String = "start", size: Int = 11,
        fill: String = "#222", extra: String = ""
    ) -> String {
        """
        <text x="\(x)" y="\(y)" text-anchor="\(anchor)" font-size="\(size)" \
        fill="\(fill)"\(extra)>\(escaped(content))</text>
        """
    }
}
