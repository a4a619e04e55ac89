package import Artifacts

/// The best one-to-one assignment of rows to columns of a table of gains: the pairs whose gains have
/// the largest sum, by the Hungarian method in its form with potentials (Jonker and Volgenant 1987),
/// in time O(n³). What gains nothing is left unassigned.
package struct Assignment: Hashable, Sendable {
    /// The column of each row; nil where every assignment of it would gain nothing. Shape `[row]`.
    package let columnOfRow: [Int?]

    /// Assigns the rows of `gains`, `[row, column]`, whose values are finite. A gain of 0 or less is
    /// the same as none.
    package init(gains: DenseArray<Double>) {
        let (rows, columns) = (gains.shape[0], gains.shape[1])
        // A square table: rows and columns of gain 0 stand for being left unassigned.
        let size = max(rows, columns)
        func cost(_ row: Int, _ column: Int) -> Double {
            row < rows && column < columns ? -max(0, gains.values[row * columns + column]) : 0
        }
        var rowPotential = [Double](repeating: 0, count: size)
        var columnPotential = [Double](repeating: 0, count: size + 1)
        // Column `size` is where each search begins.
        var rowOfColumn = [Int?](repeating: nil, count: size + 1)
        for newRow in 0..<size {
            rowOfColumn[size] = newRow
            var column = size
            var slack = [Double](repeating: .infinity, count: size)
            var cameFrom = [Int](repeating: size, count: size)
            var isVisited = [Bool](repeating: false, count: size + 1)
            while let row = rowOfColumn[column] {
                isVisited[column] = true
                var least = Double.infinity
                var next = column
                for candidate in 0..<size where !isVisited[candidate] {
                    let reduced =
                        cost(row, candidate) - rowPotential[row] - columnPotential[candidate]
                    if reduced < slack[candidate] {
                        slack[candidate] = reduced
                        cameFrom[candidate] = column
                    }
                    if slack[candidate] < least { (least, next) = (slack[candidate], candidate) }
                }
                for visited in 0...size {
                    if isVisited[visited], let row = rowOfColumn[visited] {
                        rowPotential[row] += least
                        columnPotential[visited] -= least
                    } else if visited < size {
                        slack[visited] -= least
                    }
                }
                column = next
            }
            while column != size {
                rowOfColumn[column] = rowOfColumn[cameFrom[column]]
                column = cameFrom[column]
            }
        }
        var assigned = [Int?](repeating: nil, count: rows)
        for column in 0..<columns {
            guard let row = rowOfColumn[column], row < rows,
                gains.values[row * columns + column] > 0
            else { continue }
            assigned[row] = column
        }
        columnOfRow = assigned
    }
}
