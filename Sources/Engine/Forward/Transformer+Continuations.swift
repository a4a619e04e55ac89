import Models

extension Transformer {
    /// How many rows a thread computes at a time at most, if no copy has more.
    private static let rowsOfPiece = 128

    /// Runs copies of prompts on from where each starts, and returns the normalised final stream at the
    /// end of each, `[copy, d_model]`.
    ///
    /// Copies of all starts go side by side in wide products: sorted by where they start, they join
    /// one after the other. What a copy's result is depends on nothing but the copy, beyond the rounding
    /// of the matrix product.
    /// - Parameters:
    ///   - copies: `changes` knows them by their indices in it.
    ///   - known: the run that they are copies of.
    ///   - scratch: memory for each thread of the pool.
    package func finalStream(
        of copies: ArraySlice<Continuation>, known: KnownKeys, changes: ContinuationChanges,
        scratch: ScratchPool
    ) -> FloatBuffer {
        let dModel = configuration.dModel
        let ends = FloatBuffer(count: copies.count * dModel)
        // Copies of a prompt follow each other from its end backwards, so that each finds the keys that
        // it reads of the known run where the one before has left them.
        let order = copies.indices.sorted {
            let (a, b) = (copies[$0], copies[$1])
            return (a.stage, a.prompt, -a.first, $0) < (b.stage, b.prompt, -b.first, $1)
        }
        let lengths = order.map { positions(of: copies[$0], in: known.layout).count }
        let pieces = RowLayout(lengths: lengths).pieces(ofAtMost: Self.rowsOfPiece)
        pool.run(pieces.count) { worker, piece in
            scratch.withWorkspace(of: worker) { workspace in
                var pass = ContinuedPass(
                    self, copies, order[pieces[piece]], known, changes, workspace)
                pass.run(to: ends.values)
            }
        }
        return ends
    }

    /// How many rows of a copy are computed in the layers that it goes through.
    package func rowCount(of copy: Continuation, in layout: RowLayout) -> Int {
        positions(of: copy, in: layout).count
    }

    /// The positions of a copy that are computed: from its first on, and of the last MLP and the final
    /// stream only the end, which is all that is read.
    func positions(of copy: Continuation, in layout: RowLayout) -> Range<Int> {
        let length = layout.length(copy.prompt)
        let isEndOnly = copy.stage >= 2 * (layers.count - 1) + Continuation.Entry.mlp.rawValue
        if isEndOnly { return length - 1..<length }
        return configuration.isCausal ? min(copy.first, length - 1)..<length : 0..<length
    }
}
