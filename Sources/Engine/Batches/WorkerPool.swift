import Synchronization

/// Spreads independent pieces of work over cores.
///
/// The pieces are cut by the caller, from the data alone; the number of threads only decides how
/// many of them run at a time. Threads for which there is no piece help with large matrix products of
/// the others. So results don't depend on their number.
package struct WorkerPool: Sendable {
    /// How many threads work at a time.
    package let threads: Int
    /// What counts the operations of matrix products, if they are counted.
    package let meter: WorkMeter?

    /// A pool of `threads` threads; by default one for each of `UsableProcessors`.
    package init(threads: Int? = nil, meter: WorkMeter? = nil) {
        self.threads = max(1, threads ?? UsableProcessors.ofThisProcess.count)
        self.meter = meter
    }

    /// Calls `body` with every index below `count` once, and returns when all are done.
    /// - Parameter body: gets the worker's number (below `threads`), for its own scratch memory,
    ///   and the index of the piece.
    package func run(_ count: Int, _ body: @Sendable (_ worker: Int, _ piece: Int) -> Void) {
        guard let meter else { return spread(count, body) }
        let run = WorkMeter.Run(count)
        spread(count) { worker, piece in run.measure(piece) { body(worker, piece) } }
        meter.add(run)
    }

    private func spread(_ count: Int, _ body: @Sendable (_ worker: Int, _ piece: Int) -> Void) {
        if threads == 1 || count == 0 {
            for piece in 0..<count { body(0, piece) }
            return
        }
        let next = Atomic<Int>(0)
        let sharing = ProductSharing(workers: threads, pieces: count)
        WorkerThreads.shared.run(
            workers: min(threads, count),
            { worker in
                sharing.lead(worker) {
                    while true {
                        let piece = next.add(1, ordering: .relaxed).oldValue
                        if piece >= count { return }
                        body(worker, piece)
                        sharing.finishPiece()
                    }
                }
                sharing.help()
            },
            help: { sharing.help() },
            alone: { for piece in 0..<count { body(0, piece) } })
    }
}
