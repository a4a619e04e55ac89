import Models

extension Transformer {
    /// How many rows a thread computes at a time at most, if no copy has more.
    private static let rowsOfPiece = 128
    /// How many rows the copies have of prompts whose copies go together, if those of one prompt have no
    /// more: some tens of pieces, which each have rows of few layers.
    private static let rowsOfGroup = 8192

    /// Cuts copies of prompts into pieces, each of which a thread computes by itself: their indices,
    /// sorted by where the first copy of each piece starts.
    ///
    /// Copies of all starts go side by side in wide products: sorted by where they start, they join one
    /// after the other. Prompts are cut into groups, from the first on, and a piece has copies of one
    /// group. So which copies go together depends on no prompt behind their group, and neither does
    /// any result.
    package func pieces(of copies: [Continuation], in layout: RowLayout) -> [[Int]] {
        var rows = [Int](repeating: 0, count: layout.promptCount)
        for copy in copies { rows[copy.prompt] += rowCount(of: copy, in: layout) }
        let groups = RowLayout(lengths: rows).pieces(ofAtMost: Self.rowsOfGroup)
        let groupOfPrompt = groups.enumerated().flatMap { group, prompts in
            prompts.map { _ in group }
        }
        var members = [[Int]](repeating: [], count: groups.count)
        for index in copies.indices { members[groupOfPrompt[copies[index].prompt]].append(index) }
        let pieces = members.flatMap { members in
            // Copies of a prompt follow each other from its end backwards, so that each finds the keys
            // that it reads of the known run where the one before has left them.
            let order = members.sorted {
                let (a, b) = (copies[$0], copies[$1])
                return (a.stage, a.prompt, -a.first, $0) < (b.stage, b.prompt, -b.first, $1)
            }
            let lengths = order.map { rowCount(of: copies[$0], in: layout) }
            return RowLayout(lengths: lengths).pieces(ofAtMost: Self.rowsOfPiece).map {
                Array(order[$0])
            }
        }
        let stages = pieces.map { $0.first.map { copies[$0].stage } ?? 0 }
        return pieces.indices.sorted { (stages[$0], $0) < (stages[$1], $1) }.map { pieces[$0] }
    }

    /// Runs copies of prompts on from where each starts, and returns the normalised final stream at the
    /// end of each, `[copy, d_model]`, in the order in which the pieces name them.
    /// - Parameters:
    ///   - copies: `changes` knows them by their indices in it.
    ///   - pieces: what is run.
    ///   - known: the run that they are copies of.
    ///   - scratch: memory for each thread of the pool.
    package func finalStream(
        of copies: [Continuation], pieces: ArraySlice<[Int]>, known: KnownKeys,
        changes: ContinuationChanges, scratch: ScratchPool
    ) -> FloatBuffer {
        let dModel = configuration.dModel
        let starts = RowLayout(lengths: pieces.map(\.count)).starts
        let ends = FloatBuffer(count: starts[pieces.count] * dModel)
        pool.run(pieces.count) { worker, piece in
            scratch.withWorkspace(of: worker) { workspace in
                var pass = ContinuedPass(
                    self, copies, pieces[pieces.startIndex + piece], known, changes, workspace)
                pass.run(to: ends.values + starts[piece] * dModel)
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
