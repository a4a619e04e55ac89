import Basics
import Engine
import Experiments

/// The copies of prompts that a run of patches computes, a job each, in the order in which they start.
struct PatchedCopies: Sendable {
    private let jobs: [PatchJob]
    private let copies: [Continuation]

    /// The rows that are computed together: so many that every thread has pieces of them, and the
    /// memory is bounded.
    private static let rowsOfBatch = 8192

    /// The copy of each job.
    init(_ jobs: [(PatchJob, Continuation)]) {
        // Those of a component stay together: its effects are whole before the next one's begin.
        let order = jobs.indices.sorted { (jobs[$0].1.stage, $0) < (jobs[$1].1.stage, $1) }
        self.jobs = order.map { jobs[$0].0 }
        copies = order.map { jobs[$0].1 }
    }

    /// Runs all copies, batch by batch, and notes the effect of each job.
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
        var state = PatchProgress(done: 0, total: results.patchCount)
        state.done = state.total - Set(jobs.map(\.patch)).count
        var first = 0
        while first < copies.count {
            let batch = batch(from: first, transformer, known.layout)
            let final = transformer.finalStream(
                of: copies[batch], known: known, changes: changes, scratch: scratch)
            let values = pairs.experiment.metric.values(
                normalized: final.values, rows: batch.count,
                pairOf: { jobs[batch.lowerBound + $0].pair }, scratch: scratch)
            for (index, value) in zip(batch, values) {
                results[jobs[index]] = Float(value - pairs.baseMetric[jobs[index].pair])
            }
            for index in batch
            where index + 1 == jobs.count || jobs[index + 1].patch != jobs[index].patch {
                state.done += 1
                let effect = results.effect(of: jobs[index])
                if abs(effect.value) > abs(state.largest?.value ?? 0) { state.largest = effect }
            }
            progress(state)
            first = batch.upperBound
        }
    }

    private func batch(from first: Int, _ transformer: Transformer, _ layout: RowLayout) -> Range<
        Int
    > {
        var (end, rows) = (first, 0)
        repeat {
            rows += transformer.rowCount(of: copies[end], in: layout)
            end += 1
        } while end < copies.count
            && rows + transformer.rowCount(of: copies[end], in: layout) <= Self.rowsOfBatch
        return first..<end
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
