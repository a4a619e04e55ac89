import Basics

extension HeatMap {
    /// The heat map as an SVG drawing with labelled axes and a colour scale.
    package func svg() -> String {
        let layout = HeatMapLayout(self)
        var parts = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(layout.width)" \
            height="\(layout.height)" viewBox="0 0 \(layout.width) \(layout.height)" \
            font-family="Helvetica, Arial, sans-serif" font-size="11">
            """,
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
        ]
        for (line, text) in layout.titleLines.enumerated() {
            parts.append(label(text, x: layout.left, y: 20 + 17 * line, size: 13))
        }
        parts += cells(layout)
        parts += rowLabels(layout)
        parts += columnLabels(layout)
        parts += colourScale(layout)
        for (line, text) in layout.noteLines.enumerated() {
            parts.append(label(text, x: layout.left, y: layout.noteTop + 13 * line, size: 9))
        }
        parts.append("</svg>")
        return parts.joined(separator: "\n") + "\n"
    }

    private func cells(_ layout: HeatMapLayout) -> [String] {
        var parts: [String] = []
        for (row, line) in values.enumerated() {
            for (column, value) in line.enumerated() where value.isFinite {
                let x = layout.left + column * layout.cellWidth
                let y = layout.top + row * layout.cellHeight
                let colour = Colour.diverging(share(of: value))
                let tooltip =
                    "\(rows.name) \(rows.labels[row]), "
                    + "\(columns.name) \(columns.labels[column]): \(value)"
                parts.append(
                    """
                    <rect x="\(x)" y="\(y)" width="\(layout.cellWidth)" \
                    height="\(layout.cellHeight)" fill="\(colour.hex)">\
                    <title>\(escaped(tooltip))</title></rect>
                    """)
                let standsOut = layout.cellWidth >= 32 && abs(share(of: value)) >= 0.1
                if options.showsValues || standsOut {
                    parts.append(
                        label(
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

    private func rowLabels(_ layout: HeatMapLayout) -> [String] {
        let labels = rows.labels.enumerated().map { row, text in
            label(
                TextWidth.fitted(text.printable, size: 11, width: HeatMapLayout.longestLabel),
                x: layout.left - 6,
                y: layout.top + row * layout.cellHeight + layout.cellHeight / 2 + 4, anchor: "end")
        }
        let middle = layout.top + layout.gridHeight / 2
        return labels + [
            label(
                rows.name, x: 14, y: middle, anchor: "middle",
                extra: " transform=\"rotate(-90 14 \(middle))\"")
        ]
    }

    private func columnLabels(_ layout: HeatMapLayout) -> [String] {
        let y = layout.top + layout.gridHeight + 14
        let labels = columns.labels.enumerated().map { column, text in
            let x = layout.left + column * layout.cellWidth + layout.cellWidth / 2
            let text = TextWidth.fitted(text.printable, size: 11, width: HeatMapLayout.longestLabel)
            guard layout.labelsAreTilted else { return label(text, x: x, y: y, anchor: "middle") }
            return label(
                text, x: x + 4, y: y - 4, anchor: "end",
                extra: " transform=\"rotate(-60 \(x + 4) \(y - 4))\"")
        }
        return labels + [
            label(
                columns.name, x: layout.left + layout.gridWidth / 2, y: y + layout.labelDepth + 4,
                anchor: "middle")
        ]
    }

    /// The colours beside the table, with where they end, and a bracket along those that the data have.
    private func colourScale(_ layout: HeatMapLayout) -> [String] {
        let ends = colourRange
        // In double precision: the ends can be farther apart than a float32 reaches.
        let (upper, lower) = (Double(ends.upperBound), Double(ends.lowerBound))
        let span = upper - lower
        let (x, steps, height) = (layout.left + layout.gridWidth + 22, 40, 3)
        func place(of value: Float) -> Int {
            layout.top
                + Int(((upper - Double(value)) / span * Double(steps * height)).rounded())
        }
        var parts = (0..<steps).map { step in
            let value = Float(upper - span * (Double(step) + 0.5) / Double(steps))
            return """
                <rect x="\(x)" y="\(layout.top + step * height)" width="12" height="\(height)" \
                fill="\(Colour.diverging(share(of: value)).hex)"/>
                """
        }
        parts.append(
            """
            <rect x="\(x)" y="\(layout.top)" width="12" height="\(steps * height)" fill="none" \
            stroke="#888" stroke-width="0.5"/>
            """)
        // What changes nothing may be an end itself, as of attention.
        let marks = [ends.upperBound, neutral, ends.lowerBound].filter(ends.contains)
        for (index, value) in marks.enumerated() where !marks[..<index].contains(value) {
            parts.append(
                label(
                    Self.short(value), x: x + 16, y: min(place(of: value) + 4, layout.top + 124),
                    size: 10))
        }
        if let data = dataRange {
            let (top, bottom) = (place(of: data.upperBound), place(of: data.lowerBound))
            parts.append(
                """
                <path d="M \(x - 2) \(top) H \(x - 6) V \(bottom) H \(x - 2)" fill="none" \
                stroke="#444"/>
                """)
        }
        return parts
    }

    private func label(
        _ content: String, x: Int, y: Int, anchor: String = "start", size: Int = 11,
        fill: String = "#222", extra: String = ""
    ) -> String {
        """
        <text x="\(x)" y="\(y)" text-anchor="\(anchor)" font-size="\(size)" \
        fill="\(fill)"\(extra)>\(escaped(content))</text>
        """
    }
}

/// Positions and sizes of a heat map's parts, in pixels.
struct HeatMapLayout {
    /// The most room that a label takes; longer ones are cut short.
    static let longestLabel = 150.0

    let titleLines: [String]
    let noteLines: [String]
    let noteTop: Int
    let cellWidth: Int
    let cellHeight: Int
    let left: Int
    let top: Int
    let gridWidth: Int
    let gridHeight: Int
    let labelDepth: Int
    let labelsAreTilted: Bool
    let width: Int
    let height: Int

    init(_ map: HeatMap) {
        func widest(_ labels: [String]) -> Double {
            labels.map { min(Self.longestLabel, TextWidth.of($0.printable, size: 11)) }.max() ?? 0
        }
        let (longestRow, longestColumn) = (widest(map.rows.labels), widest(map.columns.labels))
        let count = max(1, map.columns.labels.count)
        let narrowest = map.options.showsValues ? 34 : 14
        cellWidth = max(narrowest, min(44, 900 / count))
        cellHeight = max(12, min(24, 900 / max(1, map.rows.labels.count)))
        left = 34 + Int(longestRow)
        gridWidth = cellWidth * count
        gridHeight = cellHeight * max(1, map.rows.labels.count)
        labelsAreTilted = longestColumn > Double(cellWidth - 4)
        // The sine of 60 degrees, and the height of the letters.
        labelDepth = labelsAreTilted ? Int(longestColumn * 0.87) + 8 : 14
        let room = Double(gridWidth + 80)
        let title = map.options.hasCaption ? map.title : map.options.title ?? ""
        titleLines = TextWidth.lines(of: title.printable, size: 13, width: max(room, 260))
        noteLines =
            map.options.hasCaption
            ? TextWidth.lines(of: map.scaleNote.printable, size: 9, width: max(room, 260)) : []
        top = 14 + 17 * titleLines.count + 6
        noteTop = top + max(gridHeight + labelDepth + 38, 140)
        let texts =
            (titleLines.map { TextWidth.of($0, size: 13) }
            + noteLines.map { TextWidth.of($0, size: 9) })
            .max() ?? 0
        width = left + max(gridWidth + 84, Int(texts) + 10)
        height = noteTop + 13 * noteLines.count
    }
}
