import Foundation

/// The threads of this process that help with computing. They wait between jobs.
///
/// Dispatch's `concurrentPerform` would do, but on a loaded machine it leaves work to the calling
/// thread alone; these threads always take part.
final class WorkerThreads: @unchecked Sendable {
    typealias Job = @Sendable (_ worker: Int) -> Void

    static let shared = WorkerThreads()

    private let condition = NSCondition()
    /// Held by the caller whose job is being done; another caller does its job alone meanwhile.
    private let ownership = NSLock()
    // Guarded by `condition`.
    private var threadCount = 0
    private var job: Job?
    private var jobNumber = 0
    /// Helpers that the job may have, those that began it, and those still at work.
    private var wanted = 0
    private var begun = 0
    private var working = 0

    /// Calls `job` on this thread as worker 0 and on others as workers 1 ..< `workers`, and returns
    /// when all are done.
    func run(workers: Int, _ job: Job) {
        guard workers > 1, ownership.try() else {
            job(0)
            return
        }
        defer { ownership.unlock() }
        withoutActuallyEscaping(job) { job in
            condition.lock()
            while threadCount < workers - 1 {
                threadCount += 1
                Thread.detachNewThread { [self] in serve() }
            }
            self.job = job
            jobNumber += 1
            wanted = workers - 1
            begun = 0
            condition.broadcast()
            condition.unlock()

            job(0)

            condition.lock()
            // A thread that hasn't begun by now finds nothing left to do.
            wanted = 0
            while working > 0 { condition.wait() }
            self.job = nil
            condition.unlock()
        }
    }

    private func serve() {
        var lastJob = 0
        condition.lock()
        while true {
            while jobNumber == lastJob || begun >= wanted { condition.wait() }
            lastJob = jobNumber
            begun += 1
            working += 1
            let (worker, job) = (begun, job)
            condition.unlock()
            job?(worker)
            condition.lock()
            working -= 1
            if working == 0 { condition.broadcast() }
        }
    }
}
