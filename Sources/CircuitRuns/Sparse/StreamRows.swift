import Engine

/// The residual stream at the rows where a circuit reads it: all active ones, or each pair's last.
struct StreamRows {
    typealias Extent = ActiveRows.Extent

    let extent: Extent
    /// `[row of extent, own part, d_model]`: all parts, or only the first.
    private let values: FloatBuffer
    /// Where the other parts are.
    private let stream: StreamAtPoint?
    private let rows: ActiveRows

    /// Room for a stream, not initialised.
    /// - Parameter width: the values of a row.
    init(room extent: Extent, _ rows: ActiveRows, width: Int) {
        self.extent = extent
        self.rows = rows
        stream = nil
        values = FloatBuffer(count: rows.layout(extent).rowCount * width)
    }

    /// Rows of a stream that is given at the context rows. Of its parts, only the first is copied.
    init(of stream: StreamAtPoint, _ extent: Extent, _ rows: ActiveRows) {
        self.extent = extent
        self.rows = rows
        self.stream = stream
        let layout = rows.layout(extent)
        let dModel = stream.dModel
        values = FloatBuffer(count: layout.rowCount * dModel)
        for pair in rows.positions.indices {
            let source = stream.added.values + rows.firstContextRow(extent, pair) * dModel
            (values.values + layout.starts[pair] * dModel).update(
                from: source, count: layout.length(pair) * dModel)
        }
    }

    private var ownWidth: Int { values.count / max(1, rows.layout(extent).rowCount) }

    /// Copies some pairs' rows of an extent to x, one pair after the other.
    /// - Parameter chosen: what the extent is of: the stream's own rows, or fewer.
    func copy(
        _ wanted: Extent, of pairs: Range<Int>, in chosen: ActiveRows,
        to x: UnsafeMutablePointer<Float>
    ) {
        precondition(wanted <= extent, "the stream isn't held at all rows")
        var target = x
        let ownWidth = ownWidth
        for pair in pairs {
            let length = chosen.layout(wanted).length(pair)
            let first = extent == .end ? pair : rows.firstActiveRow(ofLast: length, pair)
            guard let stream, !stream.heads.isEmpty else {
                target.update(from: values.values + first * ownWidth, count: length * ownWidth)
                target += length * ownWidth
                continue
            }
            let context = chosen.firstContextRow(wanted, pair)
            for index in 0..<length {
                target.update(from: values.values + (first + index) * ownWidth, count: ownWidth)
                target += ownWidth
                stream.copyHeads(context + index, to: target)
                target += stream.heads.count * stream.dModel
            }
        }
    }

    /// A row of a part, `[d_model]`, of a given stream.
    /// - Parameters:
    ///   - part: the first one, or that of the heads of layer `part - 1`.
    ///   - index: which of the pair's rows of an extent of `chosen`.
    func row(
        _ index: Int, ofPart part: Int, _ wanted: Extent, of pair: Int, in chosen: ActiveRows
    ) -> UnsafePointer<Float> {
        guard let stream else { preconditionFailure("only a given stream has parts apart") }
        if part > 0 {
            let row = chosen.firstContextRow(wanted, pair) + index
            return UnsafePointer(stream.heads[part - 1].values + row * stream.dModel)
        }
        let length = chosen.layout(wanted).length(pair)
        let first = extent == .end ? pair : rows.firstActiveRow(ofLast: length, pair)
        return UnsafePointer(values.values + (first + index) * stream.dModel)
    }

    /// Copies a part to the same columns of rows of x; of a given stream only.
    /// - Parameters:
    ///   - part: as `row` has it.
    ///   - chosen: what the extent is of.
    ///   - choice: which rows; x has all of them.
    ///   - width: the values of a row of x.
    func copy(
        part: Int, _ wanted: Extent, in chosen: ActiveRows, at choice: RowChoice,
        pairs: Range<Int>, to x: UnsafeMutablePointer<Float>, width: Int
    ) {
        guard let dModel = stream?.dModel else { return }
        var target = x + part * dModel
        for pair in pairs {
            let position = chosen.firstContextRow(wanted, pair) - rows.context.starts[pair]
            for index in 0..<chosen.layout(wanted).length(pair) {
                if choice.contains(position + index) {
                    target.update(
                        from: row(index, ofPart: part, wanted, of: pair, in: chosen), count: dModel)
                }
                target += width
            }
        }
    }

    /// Takes over some pairs' rows of its extent from x.
    func store(_ pairs: Range<Int>, from x: UnsafePointer<Float>) {
        let starts = rows.layout(extent).starts
        let first = starts[pairs.lowerBound]
        (values.values + first * ownWidth).update(
            from: x, count: (starts[pairs.upperBound] - first) * ownWidth)
    }
}
