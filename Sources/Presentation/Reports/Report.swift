package import Artifacts
import Basics

/// An artifact for people to read: a summary, and tables of what is in it.
package struct Report: Hashable, Sendable {
    /// A line of the summary.
    struct Field: Hashable, Sendable {
        var name: String
        var value: String
    }

    /// A part that follows the summary.
    enum Section: Hashable, Sendable {
        case table(ReportTable)
        case heatMap(HeatMap)
        case text(String)
    }

    /// The summary.
    private(set) var fields: [Field] = []
    /// The parts that follow it.
    private(set) var sections: [Section] = []

    /// An empty report.
    init() {}

    /// The report on an artifact of any kind.
    ///
    /// - Parameters:
    ///   - file: The artifact.
    ///   - selection: The part of a circuit or of scores to show.
    ///   - run: One of a circuit's further runs, to show in place of the main one.
    /// - Throws: ``Artifacts/ArtifactError`` where the file isn't valid, and ``Failure`` (usage) where
    ///   there is no such run.
    package init(
        _ file: ArtifactFile, selection: ReportSelection = ReportSelection(), run: Int? = nil
    ) throws {
        let content = try file.presentable(run: run)
        add(file.header, source: file.name)
        content.addSummary(to: &self)
        add(try file.provenance())
        content.addTables(to: &self, selection)
    }

    /// Adds a line to the summary; nothing where there is no value.
    mutating func add(_ name: String, _ value: String?) {
        if let value { add(name, lines: [value]) }
    }

    /// Adds a part of the summary that has several lines.
    mutating func add(_ name: String, lines: [String]) {
        let value = lines.map(\.printable).joined(separator: "\n")
        if !value.isEmpty { fields.append(Field(name: name, value: value)) }
    }

    /// Adds a table, unless it is empty.
    mutating func add(_ table: ReportTable) {
        if !table.rows.isEmpty { sections.append(.table(table)) }
    }

    /// Adds a table of the selected edges, or a line that says that there are none.
    mutating func add(_ table: ReportTable, selectedBy selection: ReportSelection) {
        add(table)
        if table.rows.isEmpty, !selection.edge.isEmpty {
            sections.append(.text("no edge is named *\(selection.edge.printable)*"))
        }
    }

    /// Adds a heat map.
    mutating func add(_ map: HeatMap) {
        sections.append(.heatMap(map))
    }

    /// The report as text.
    ///
    /// - Parameters:
    ///   - limit: The rows to print of each table; nil for all.
    ///   - heatMapLimit: The rows to print of each heat map; nil for all.
    ///   - width: The columns there are for a heat map.
    ///   - colours: Whether to colour heat maps for a terminal.
    package func text(
        limit: Int?, heatMapLimit: Int? = nil, width: Int = 80, colours: Bool = false
    ) -> String {
        let nameWidth = fields.map(\.name.count).max() ?? 0
        var parts = [
            fields.map { field in
                field.name.padding(to: nameWidth) + "  "
                    + field.value.split(separator: "\n", omittingEmptySubsequences: false)
                    .joined(separator: "\n" + String(repeating: " ", count: nameWidth + 2))
            }.joined(separator: "\n")
        ]
        for section in sections {
            switch section {
            case .table(let table): parts.append(table.text(limit: limit))
            case .heatMap(let map):
                parts.append(map.text(limit: heatMapLimit, width: width, colours: colours))
            case .text(let text): parts.append(text)
            }
        }
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
}
