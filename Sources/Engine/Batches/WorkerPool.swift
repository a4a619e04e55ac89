import Synchronization

/// Spreads independent pieces of work over cores.
///
/// The pieces are cut by the caller, from the data alone; the number of threads only decides how
/// many of them run at a time. So results don't depend on it.
package struct WorkerPool: Sendable {
    /// How many threads work at a time.
    package let threads: Int

    /// A pool of `threads` threads; by default one for each of `UsableProcessors`.
    package init(threads: Int? = nil) {
        self.threads = max(1, threads ?? UsableProcessors.ofThisProcess.count)
    }

    /// Calls `body` with every index below `count` once, and returns when all are done.
    /// - Parameter body: gets the worker's number (below `threads`), for its own scratch memory,
    ///   and the index of the piece.
    package func run(_ count: Int, _ body: @Sendable (_ worker: Int, _ piece: Int) -> Void) {
        if threads == 1 || count <= 1 {
            for piece in 0..<count { body(0, piece) }
            return
        }
        let next = Atomic<Int>(0)
        WorkerThreads.shared.run(workers: min(threads, count)) { worker in
            while true {
                let piece = next.add(1, ordering: .relaxed).oldValue
                if piece >= count { return }
                body(worker, piece)
            }
        }
    }
}
