import Basics

extension HeatMap {
    /// The heat map as text: each cell shows its value, on a coloured background if `colours` is true.
    /// Where the values don't fit into `width` columns, a cell is a coloured block or, without
    /// colours, a character that is the darker the larger the effect (`-` marks a negative one).
    ///
    /// - Parameter limit: The most rows, those with the values farthest from what is white; nil for all.
    package func text(limit: Int? = nil, width: Int, colours: Bool) -> String {
        let shown = strongestRows(limit)
        let rowLabels = rows.labels.map(\.printable)
        let columnLabels = columns.labels.map(\.printable)
        let labelWidth = max(rows.name.count, rowLabels.map(\.count).max() ?? 0)
        let space = max(8, width - labelWidth - 1)
        var cell = max(6, (columnLabels.map(\.count).max() ?? 0) + 1)
        if cell * columns.labels.count > space { cell = 6 }
        let showsValues = cell * columns.labels.count <= space
        if !showsValues { cell = max(1, min(2, space / max(1, columns.labels.count))) }

        var lines = [title.printable]
        lines += header(columnLabels, cell: cell, labelWidth: labelWidth, showsValues: showsValues)
        for row in shown {
            let cells = values[row].map { value in
                self.cell(value, width: cell, showsValues: showsValues, colours: colours)
            }
            lines.append(padded(rowLabels[row], to: labelWidth) + " " + cells.joined())
        }
        if shown.count < values.count {
            lines.append(
                "  ... \(values.count - shown.count) more without a larger effect; --top 0 shows all"
            )
        }
        lines.append(legend(colours: colours, showsValues: showsValues))
        return lines.joined(separator: "\n")
    }

    /// The numbers of the rows with the largest values by colour, at most `limit`, ascending.
    private func strongestRows(_ limit: Int?) -> [Int] {
        guard let limit, limit < values.count else { return Array(values.indices) }
        let largest = values.map { $0.filter(\.isFinite).map { abs(share(of: $0)) }.max() ?? -1 }
        let order = values.indices.sorted { (largest[$1], $0) < (largest[$0], $1) }
        return order.prefix(limit).sorted()
    }

    private func header(
        _ labels: [String], cell: Int, labelWidth: Int, showsValues: Bool
    ) -> [String] {
        let corner = padded(rows.name, to: labelWidth) + " "
        guard !showsValues else {
            return [
                corner
                    + labels.map { padded(String($0.prefix(cell - 1)), to: cell) }.joined()
            ]
        }
        // Narrow cells have no room for labels: every tenth column is marked with its index.
        var marks = ""
        for index in stride(from: 0, to: labels.count, by: 10) {
            marks += String(index).padding(to: 10 * cell)
        }
        return [corner + "\(columns.name) (by place)", padded("", to: labelWidth) + " " + marks]
    }

    private func cell(_ value: Float, width: Int, showsValues: Bool, colours: Bool) -> String {
        guard value.isFinite else { return padded(showsValues ? "." : "", to: width) }
        let share = share(of: value)
        if colours {
            let colour = Colour.diverging(share)
            let text = showsValues ? Self.short(value) : ""
            return "\u{1B}[48;5;\(colour.terminalIndex);38;5;\(colour.isDark ? 231 : 16)m"
                + padded(text, to: width) + "\u{1B}[0m"
        }
        if showsValues { return padded(Self.short(value), to: width) }
        let shades = Array(" .:=*#@")
        let shade = shades[Int((min(1, abs(share)) * Double(shades.count - 1)).rounded())]
        return padded(
            (share < 0 && shade != " " && width > 1 ? "-" : "") + String(shade), to: width)
    }

    private func legend(colours: Bool, showsValues: Bool) -> String {
        let range = scaleNote.printable
        if colours {
            let bar = (-4...4).map { step in
                "\u{1B}[48;5;\(Colour.diverging(Double(step) / 4).terminalIndex)m  \u{1B}[0m"
            }
            return "\(range)  \(bar.joined())"
        }
        return showsValues ? range : "\(range); ' .:=*#@' from none to largest, '-' before a loss"
    }

    /// A value in at most five characters.
    static func short(_ value: Float) -> String {
        let magnitude = abs(value)
        if magnitude >= 9999 { return value < 0 ? "<-1e4" : ">1e4" }
        let digits = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2
        return Figures.fixed(Double(value), digits: digits)
    }

    private func padded(_ text: String, to width: Int) -> String {
        text.count >= width ? text : String(repeating: " ", count: width - text.count) + text
    }
}
