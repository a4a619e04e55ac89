import Models

extension Transformer {
    /// Runs the layers of the model and returns the normalised final stream at some
    /// rows, `[chosen row, d_model]`: what `unembed(normalized:rows:)` makes logits of.
    /// - Parameters:
    ///   - layout: how the prompts lie in the packed rows.
    ///   - prompts: tokens that `validate` accepts.
    ///   - rows: the packed rows wanted, in order.
    ///   - hooks: what to read or replace on the way.
    package func finalStream(
        _ layout: RowLayout, of prompts: [[Int32]], rows: [Int], hooks: ForwardHooks = .none
    ) -> FloatBuffer {
        let dModel = configuration.dModel
        let chosen = FloatBuffer(count: rows.count * dModel)
        let pieces = pieces(of: layout)
        // The rows wanted of each piece, so that no piece looks through all of them.
        let order = rows.indices.sorted { rows[$0] < rows[$1] }
        pool.run(pieces.count) { _, piece in
            let pass = ForwardPass(self, prompts, layout, pieces[piece], hooks)
            let stream = pass.run()
            let first = layout.starts[pieces[piece].lowerBound]
            let end = layout.starts[pieces[piece].upperBound]
            var next = order.partitioningIndex { rows[$0] >= first }
            while next < order.count, rows[order[next]] < end {
                (chosen.values + order[next] * dModel).update(
                    from: stream + (rows[order[next]] - first) * dModel, count: dModel)
                next += 1
            }
        }
        return chosen
    }

    /// The pieces that are computed one by one: those of the layout, or shorter ones where there are
    /// fewer of these than threads, so that threads have all of the work to share and not its matrix
    /// products alone. That is done only where it changes no result.
    private func pieces(of layout: RowLayout) -> [Range<Int>] {
        let pieces = layout.passPieces
        guard pieces.count < pool.threads else { return pieces }
        let short = layout.pieces(ofAtMost: 64)
        return short.allSatisfy(isExact) ? short : pieces

        /// Whether all products of a piece are the engine's own, whose results don't depend on what
        /// other rows there are.
        func isExact(_ piece: Range<Int>) -> Bool {
            let rows = layout.starts[piece.upperBound] - layout.starts[piece.lowerBound]
            let heads = configuration.dHead * configuration.nKeyValueHeads
            let narrowest = min(configuration.dModel, configuration.dMLP, heads)
            return BLAS.isOwn(rows: rows, columns: narrowest, inner: narrowest)
        }
    }
}

extension Array {
    /// The first index whose element fulfils `predicate`, where all after it do too.
    fileprivate func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
