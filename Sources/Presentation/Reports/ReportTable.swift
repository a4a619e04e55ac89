import Basics

/// A table of a report.
package struct ReportTable: Hashable, Sendable {
    /// What the rows are.
    var title: String
    /// The columns' names; a column whose name begins with `>` is aligned to the right, as numbers are.
    var columns: [String]
    /// The cells of each row, one for each column.
    var rows: [[String]]
    /// Whether all rows are always shown.
    var isWhole: Bool
    /// How many of `rows` belong together and count as one.
    var linesPerRow: Int

    /// A table of these rows.
    package init(
        title: String, columns: [String], rows: [[String]], isWhole: Bool = false,
        linesPerRow: Int = 1
    ) {
        self.title = title
        self.columns = columns
        self.rows = rows
        self.isWhole = isWhole
        self.linesPerRow = linesPerRow
    }

    /// The table as text, with at most `limit` rows.
    package func text(limit: Int?) -> String {
        let limit = isWhole ? rows.count : limit.map { $0 * linesPerRow } ?? rows.count
        let shown = rows.prefix(limit).map { $0.map(\.printable) }
        let isRight = columns.map { $0.hasPrefix(">") }
        let names = columns.map { ($0.hasPrefix(">") ? $0.dropFirst() : $0[...]).printable }
        var widths = names.map(\.count)
        for row in shown {
            for (column, cell) in row.enumerated() {
                widths[column] = max(widths[column], cell.count)
            }
        }
        func line(_ cells: [String]) -> String {
            var line = " "
            for (column, cell) in cells.enumerated() {
                let isLast = column == cells.count - 1
                line += " "
                line +=
                    isRight[column]
                    ? cell.padding(to: widths[column], before: true)
                    : isLast ? cell : cell.padding(to: widths[column])
                line += isLast ? "" : " "
            }
            return line
        }
        var lines = title.isEmpty ? [] : [title.printable]
        if names.contains(where: { !$0.isEmpty }) { lines.append(line(names)) }
        lines += shown.map(line)
        if shown.count < rows.count {
            lines.append(
                "  ... \((rows.count - shown.count) / linesPerRow) more; --top 0 shows all")
        }
        return lines.joined(separator: "\n")
    }
}
