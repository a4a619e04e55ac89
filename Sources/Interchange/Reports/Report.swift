/// An artifact as a person wants to read it: a summary, and tables of what is in it.
package struct Report: Hashable, Sendable {
    /// A line of the summary.
    struct Field: Hashable, Sendable {
        var name: String
        var value: String
    }

    /// The summary.
    var fields: [Field] = []
    /// What follows: tables, and text such as a heat map.
    var sections: [Section] = []

    /// A part that follows the summary.
    enum Section: Hashable, Sendable {
        case table(ReportTable)
        case text(String)
    }

    /// Adds a line to the summary; nothing where there is no value.
    mutating func add(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { fields.append(Field(name: name, value: value)) }
    }

    /// Adds a table, unless it is empty.
    mutating func add(_ table: ReportTable) {
        if !table.rows.isEmpty { sections.append(.table(table)) }
    }

    /// Adds a table of edges, or says that none has the name that was asked for.
    mutating func add(_ table: ReportTable, asking selection: ReportSelection) {
        add(table)
        if table.rows.isEmpty, !selection.edge.isEmpty {
            sections.append(.text("no edge is named *\(selection.edge)*"))
        }
    }

    /// The report as text.
    ///
    /// - Parameter limit: The rows to print of each table; nil for all.
    package func text(limit: Int?) -> String {
        let width = fields.map(\.name.count).max() ?? 0
        var parts = [
            fields.map { field in
                field.name.padding(to: width) + "  "
                    + field.value.split(separator: "\n", omittingEmptySubsequences: false)
                    .joined(separator: "\n" + String(repeating: " ", count: width + 2))
            }.joined(separator: "\n")
        ]
        for section in sections {
            switch section {
            case .table(let table): parts.append(table.text(limit: limit))
            case .text(let text): parts.append(text)
            }
        }
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
}

/// A table of a report.
struct ReportTable: Hashable, Sendable {
    /// What the rows are.
    var title: String
    /// The columns' names; one that begins with `>` is set to the right, as numbers are.
    var columns: [String]
    /// The cells, as many to a row as there are columns.
    var rows: [[String]]
    /// Whether all rows are always shown.
    var isWhole = false

    /// The table as text, with at most `limit` rows.
    func text(limit: Int?) -> String {
        let shown = isWhole ? rows : limit.map { Array(rows.prefix($0)) } ?? rows
        let isRight = columns.map { $0.hasPrefix(">") }
        let names = columns.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }
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
        var lines = title.isEmpty ? [] : [title]
        if names.contains(where: { !$0.isEmpty }) { lines.append(line(names)) }
        lines += shown.map(line)
        if shown.count < rows.count {
            lines.append("  ... \(rows.count - shown.count) more; --top 0 shows all")
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// The string filled with spaces to `width` characters.
    func padding(to width: Int, before: Bool = false) -> String {
        let spaces = String(repeating: " ", count: Swift.max(0, width - count))
        return before ? spaces + self : self + spaces
    }
}

/// Numbers as reports write them. Foundation's formatters would load their tables at start.
enum Figures {
    /// `value` with some four significant digits; `-` where there is none.
    static func short(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "-" : "\(value)" }
        let magnitude = abs(value)
        if magnitude != 0 && (magnitude < 0.0001 || magnitude >= 1e6) { return scientific(value) }
        let digits = magnitude >= 1000 ? 1 : magnitude >= 100 ? 2 : magnitude >= 10 ? 3 : 4
        return fixed(value, digits: digits)
    }

    /// A score or a difference, its sign always written.
    static func signed(_ value: Double) -> String {
        value > 0 ? "+" + short(value) : short(value)
    }

    /// A whole number with its thousands apart: `70,651`.
    static func count(_ value: Int) -> String {
        var digits = String(value.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// `part` of `whole` in percent.
    static func percent(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "-" }
        let share = 100 * Double(part) / Double(whole)
        return fixed(share, digits: share >= 10 ? 1 : share >= 1 ? 2 : 3) + "%"
    }

    private static func scientific(_ value: Double) -> String {
        var mantissa = value
        var exponent = 0
        while abs(mantissa) >= 10 {
            mantissa /= 10
            exponent += 1
        }
        while abs(mantissa) < 1 {
            mantissa *= 10
            exponent -= 1
        }
        let digits = fixed(mantissa, digits: 2)
        // 9.999 is rounded to 10.00.
        guard digits.hasSuffix("10.00") else { return "\(digits)e\(exponent)" }
        return (mantissa < 0 ? "-" : "") + "1.00e\(exponent + 1)"
    }
}
