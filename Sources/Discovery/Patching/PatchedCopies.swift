import Basics
import Engine
import Experiments

/// The copies of prompts that a run of patches computes, a job each.
///
/// Which copies are computed together depends on no pair behind their group
/// (`Transformer.pieces(of:in:)`), so neither do the effects on a group's pairs, bit for bit.
struct PatchedCopies: Sendable {
    private let jobs: [PatchJob]
    private let copies: [Continuation]

    /// The rows that are computed before effects are looked at: so many that every thread has pieces of
    /// them, and the memory is bounded.
    private static let rowsOfBatch = 8192

    /// The copy of each job.
    init(_ jobs: [(PatchJob, Continuation)]) {
        self.jobs = jobs.map(\.0)
        copies = jobs.map(\.1)
    }

    /// Runs all copies, in the order in which they start, and notes the effect of each job.
    /// - Parameters:
    ///   - known: of the run that is patched.
    ///   - changes: makes the changes of a job in its copy.
    func run(
        _ pairs: PatchedPairs, known: KnownKeys, changes: PatchChanges,
        into results: inout PatchResults, progress: (PatchProgress) -> Void
    ) {
        let transformer = pairs.experiment.transformer
        let scratch = ScratchPool(workers: transformer.pool.threads)
        let jobs = jobs
        let changes = ContinuationChanges(
            fill: { changes.fill(jobs[$0], $1, $2, $3) },
            edit: { changes.edit(jobs[$0], $1, $2) })
        // The jobs of each patch that aren't done.
        var left = [Int](repeating: 0, count: results.patchCount)
        for job in jobs { left[results.patch(of: job)] += 1 }
        var state = PatchProgress(done: left.count { $0 == 0 }, total: results.patchCount)
        let pieces = transformer.pieces(of: copies, in: known.layout)
        for batch in batches(of: pieces, transformer, known.layout) {
            let final = transformer.finalStream(
                of: copies, pieces: batch, known: known, changes: changes, scratch: scratch)
            let done = batch.flatMap { $0 }
            let starts = RowLayout(lengths: batch.map(\.count)).starts
            let values = pairs.experiment.metric.values(
                normalized: final.values, blocks: zip(starts, starts.dropFirst()).map { $0..<$1 },
                pairOf: { jobs[done[$0]].pair }, scratch: scratch)
            for (index, value) in zip(done, values) {
                let job = jobs[index]
                results[job] = Float(value - pairs.baseMetric[job.pair])
                left[results.patch(of: job)] -= 1
                if left[results.patch(of: job)] > 0 { continue }
                state.done += 1
                let effect = results.effect(of: job)
                if abs(effect.value) > abs(state.largest?.value ?? 0) { state.largest = effect }
            }
            progress(state)
        }
    }

    /// Pieces that follow each other, of so many rows.
    private func batches(
        of pieces: [[Int]], _ transformer: Transformer, _ layout: RowLayout
    ) -> [ArraySlice<[Int]>] {
        let lengths = pieces.map { piece in
            piece.reduce(0) { $0 + transformer.rowCount(of: copies[$1], in: layout) }
        }
        return RowLayout(lengths: lengths).pieces(ofAtMost: Self.rowsOfBatch).map { pieces[$0] }
    }
}

/// What patches change in the copies of prompts that they are made in.
protocol PatchChanges: Sendable {
    /// Writes the stream that a job's copy starts with, `[position, d_model]`.
    func fill(
        _ job: PatchJob, _ positions: Range<Int>, _ stream: UnsafeMutablePointer<Float>,
        _ workspace: Workspace)
    /// Changes an activation of a job's copy.
    func edit(_ job: PatchJob, _ rows: EditedRows, _ workspace: Workspace)
}
