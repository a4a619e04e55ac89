import Basics

/// A table of text as RFC 4180 writes it, with the line that each row begins in.
///
/// Spaces belong to their cell, quoted or not: the answer ` Paris` is another one than `Paris`, and
/// Python's `csv` and pandas write it without quotes. (The parsers that Swift packages offer trim
/// them.) Besides commas, cells are separated by tabs or semicolons where the header says so.
struct CSVTable {
    /// A row that isn't blank.
    struct Row {
        /// Where it begins in the file, the first line being 1.
        var line: Int
        /// At most as many as the header has.
        fileprivate var cells: [String]

        /// The cell in a column; cells that a row lacks at its end are empty.
        subscript(column: Int) -> String { column < cells.count ? cells[column] : "" }
    }

    /// Why a text isn't a table.
    struct FormatError: Error {
        /// Where, the first line being 1.
        var line: Int
        /// What is wrong there.
        var reason: String
    }

    /// The names of the columns, without spaces around them.
    let header: [String]
    /// The rows below the header.
    let rows: [Row]

    /// The table in `text`, which is UTF-8.
    /// - Throws: ``FormatError`` with the line.
    init(_ text: ArraySlice<UInt8>) throws(FormatError) {
        let text = text.starts(with: [0xEF, 0xBB, 0xBF]) ? text.dropFirst(3) : text
        let header = text.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        let separators = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]
        // The first that occurs most often: a header's names hold none of them.
        let counts = separators.map { separator in header.count { $0 == separator } }
        let separator = separators[counts.firstIndex(of: counts.max() ?? 0) ?? 0]
        var parser = Parser(separator: separator)
        var rows = try parser.rows(of: text)
        guard !rows.isEmpty else { throw FormatError(line: 1, reason: "it is empty") }
        let names = rows.removeFirst().cells.map { name in
            String(
                name.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
        self.header = names
        var seen: Set<String> = []
        if let twice = names.first(where: { !$0.isEmpty && !seen.insert($0).inserted }) {
            throw FormatError(line: 1, reason: "the column `\(twice)` is there twice")
        }
        for row in rows {
            let count = row.cells.count
            guard count <= self.header.count else {
                throw FormatError(
                    line: row.line,
                    reason:
                        "it has \(count) cells and the header \(self.header.count); a cell with "
                        + "a separator in it is put in quotation marks")
            }
        }
        self.rows = rows
    }

    /// The number of the column `name`; nil if there is none.
    func column(_ name: String) -> Int? { header.firstIndex(of: name) }

    /// Reads a text byte by byte.
    private struct Parser {
        let separator: UInt8
        private var line = 1
        private var rows: [Row] = []
        private var cells: [String] = []
        private var cell: [UInt8] = []

        init(separator: UInt8) { self.separator = separator }

        mutating func rows(of text: ArraySlice<UInt8>) throws(FormatError) -> [Row] {
            let (quote, newline) = (UInt8(ascii: "\""), UInt8(ascii: "\n"))
            var rowLine = 1
            var index = text.startIndex
            while index < text.endIndex {
                if text[index] == quote, cell.isEmpty {
                    index = try quoted(text, from: index + 1)
                    let next = index < text.endIndex ? text[index] : newline
                    guard next == separator || next == newline || next == UInt8(ascii: "\r") else {
                        throw FormatError(
                            line: line,
                            reason: "text follows a cell's closing quotation mark; inside a cell "
                                + "the mark is written twice")
                    }
                    if index == text.endIndex { break }
                }
                let byte = text[index]
                index += 1
                switch byte {
                case separator: endCell()
                case newline, UInt8(ascii: "\r"):
                    if byte != newline, index < text.endIndex, text[index] == newline { index += 1 }
                    endRow(rowLine)
                    line += 1
                    rowLine = line
                default: cell.append(byte)
                }
            }
            endRow(rowLine)
            return rows
        }

        /// Reads the rest of a quoted cell; returns where it ends.
        private mutating func quoted(
            _ text: ArraySlice<UInt8>, from start: Int
        ) throws(FormatError) -> Int {
            let quote = UInt8(ascii: "\"")
            let opening = line
            var index = start
            while index < text.endIndex {
                let byte = text[index]
                index += 1
                if byte == quote {
                    guard index < text.endIndex, text[index] == quote else { return index }
                    index += 1
                }
                if byte == UInt8(ascii: "\n") { line += 1 }
                cell.append(byte)
            }
            throw FormatError(line: opening, reason: "a quotation mark isn't closed")
        }

        private mutating func endCell() {
            cells.append(String(decoding: cell, as: UTF8.self))
            cell.removeAll(keepingCapacity: true)
        }

        /// Ends a row, which counts unless it is blank.
        private mutating func endRow(_ first: Int) {
            endCell()
            if cells.count > 1 || !cells[0].allSatisfy(\.isWhitespace) {
                rows.append(Row(line: first, cells: cells))
            }
            cells = []
        }
    }
}
