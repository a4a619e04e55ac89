internal import Engine

/// The residual stream at the rows where a circuit reads it: all active ones, or each pair's last.
struct StreamRows {
    typealias Extent = ActiveRows.Extent

    let extent: Extent
    /// `[row of extent, part, d_model]`
    private let values: FloatBuffer
    private let rows: ActiveRows

    /// Room for a stream, not initialised.
    /// - Parameter width: the values of a row.
    init(room extent: Extent, _ rows: ActiveRows, width: Int) {
        self.extent = extent
        self.rows = rows
        values = FloatBuffer(count: rows.layout(extent).rowCount * width)
    }

    /// Rows of a stream that is given at the context rows.
    init(of stream: FloatBuffer, _ extent: Extent, _ rows: ActiveRows) {
        let width = stream.count / max(1, rows.context.rowCount)
        self.init(room: extent, rows, width: width)
        for pair in rows.positions.indices {
            let source = stream.values + rows.firstContextRow(extent, pair) * width
            let layout = rows.layout(extent)
            (values.values + layout.starts[pair] * width).update(
                from: source, count: layout.length(pair) * width)
        }
    }

    private var width: Int { values.count / max(1, rows.layout(extent).rowCount) }

    /// Where the rows of an extent, at most this one, of a pair start.
    private func row(_ wanted: Extent, _ pair: Int) -> Int {
        extent == .end ? pair : rows.firstActiveRow(wanted, pair)
    }

    /// Copies some pairs' rows of an extent to x, one pair after the other.
    func copy(_ wanted: Extent, of pairs: Range<Int>, to x: UnsafeMutablePointer<Float>) {
        precondition(wanted <= extent, "the stream isn't held at all rows")
        var target = x
        for pair in pairs {
            let count = rows.layout(wanted).length(pair) * width
            target.update(from: values.values + row(wanted, pair) * width, count: count)
            target += count
        }
    }

    /// Copies the values in `columns` of some pairs' rows to the same columns of rows of x.
    func copy(
        columns: Range<Int>, _ wanted: Extent, of pairs: Range<Int>,
        to x: UnsafeMutablePointer<Float>
    ) {
        var target = x + columns.lowerBound
        for pair in pairs {
            let first = row(wanted, pair)
            for row in first..<first + rows.layout(wanted).length(pair) {
                target.update(
                    from: values.values + row * width + columns.lowerBound, count: columns.count)
                target += width
            }
        }
    }

    /// Takes over some pairs' rows of its extent from x.
    func store(_ pairs: Range<Int>, from x: UnsafePointer<Float>) {
        let starts = rows.layout(extent).starts
        let first = starts[pairs.lowerBound]
        (values.values + first * width).update(
            from: x, count: (starts[pairs.upperBound] - first) * width)
    }
}
