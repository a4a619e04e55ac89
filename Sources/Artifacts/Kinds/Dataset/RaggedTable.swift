/// Rows of unequal length as a file stores them: padded on the right to the longest, with the lengths.
enum RaggedTable {
    /// The padding: no tokenizer has such an id.
    static let padding: Int32 = -1

    /// The rows, padded. Shape `[row, longest]`.
    static func pad(_ rows: [[Int32]]) -> DenseArray<Int32> {
        let width = rows.map(\.count).max() ?? 0
        var values: [Int32] = []
        values.reserveCapacity(rows.count * width)
        for row in rows {
            values += row
            values.append(contentsOf: repeatElement(padding, count: width - row.count))
        }
        return DenseArray(shape: [rows.count, width], values: values)
    }

    /// The first `lengths[i]` values of each row; what follows must be padding.
    static func rows(
        of table: DenseArray<Int32>, lengths: [Int32], at path: String
    ) throws(ArtifactError) -> [[Int32]] {
        var rows: [[Int32]] = []
        rows.reserveCapacity(lengths.count)
        for (index, length) in lengths.enumerated() {
            let row = table[row: index]
            try check(
                length <= row.count, at: path,
                "row \(index) has \(row.count) places, and should have \(length) tokens")
            let tokens = row.prefix(Int(length))
            try check(
                tokens.allSatisfy { $0 >= 0 }, at: path, "row \(index) has padding between tokens")
            try check(
                row.dropFirst(Int(length)).allSatisfy { $0 == padding }, at: path,
                "row \(index) goes on after its \(length) tokens")
            rows.append(Array(tokens))
        }
        return rows
    }
}
