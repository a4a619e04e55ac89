/// A sparse matrix by rows: of each row the columns that aren't 0, ascending, with their values.
package struct SparseRows: Hashable, Sendable {
    /// Where each row begins; a last entry closes the list.
    package private(set) var starts: [Int]
    /// The column of each value.
    package private(set) var columns: [Int32]
    /// The values.
    package private(set) var values: [Float]

    /// A matrix without rows yet.
    package init() {
        starts = [0]
        columns = []
        values = []
    }

    /// Number of rows.
    package var rowCount: Int { starts.count - 1 }
    /// Number of values that aren't 0.
    package var count: Int { values.count }

    /// The places of a row's values.
    package func row(_ row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }

    /// Makes room for this many values.
    package mutating func reserve(_ count: Int) {
        columns.reserveCapacity(count)
        values.reserveCapacity(count)
    }

    /// Adds a value to the row that is being built; 0 isn't kept.
    package mutating func append(_ value: Float, column: Int32) {
        guard value != 0 else { return }
        columns.append(column)
        values.append(value)
    }

    /// Ends the row that is being built.
    package mutating func endRow() { starts.append(values.count) }
}
