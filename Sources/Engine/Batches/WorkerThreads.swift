import Foundation

/// The threads of this process that help with computing. They wait between jobs.
///
/// Dispatch's `concurrentPerform` would do, but on a loaded machine it leaves work to the calling
/// thread alone; these threads always take part.
final class WorkerThreads: @unchecked Sendable {
    typealias Job = @Sendable (_ worker: Int) -> Void
    typealias Help = @Sendable () -> Void

    static let shared = WorkerThreads()

    private let condition = NSCondition()
    /// Held by the caller whose job is being done; another caller does its job alone meanwhile.
    private let ownership = NSLock()
    // Guarded by `condition`.
    private var threadCount = 0
    private var job: Job?
    private var help: Help?
    private var jobNumber = 0
    /// Threads that the job may have besides the caller's, and those that began it.
    private var wanted = 0
    private var begun = 0
    /// Threads that are called to help.
    private var helpersWanted = 0
    /// Threads at work.
    private var working = 0

    /// Calls `job` on this thread as worker 0 and on others as workers 1 ..< `workers`, and returns
    /// when all are done.
    /// - Parameters:
    ///   - help: what threads do that `callHelpers` calls meanwhile.
    ///   - alone: does the job where another caller has the threads.
    func run(workers: Int, _ job: Job, help: Help, alone: () -> Void) {
        guard ownership.try() else { return alone() }
        defer { ownership.unlock() }
        withoutActuallyEscaping(job) { job in
            withoutActuallyEscaping(help) { help in
                condition.lock()
                startThreads(workers - 1)
                self.job = job
                self.help = help
                jobNumber += 1
                wanted = workers - 1
                begun = 0
                if workers > 1 { condition.broadcast() }
                condition.unlock()

                job(0)

                condition.lock()
                // A thread that hasn't begun by now finds nothing left to do.
                wanted = 0
                helpersWanted = 0
                while working > 0 { condition.wait() }
                self.job = nil
                self.help = nil
                condition.unlock()
            }
        }
    }

    /// Calls `count` threads that have nothing to do to help with the job that is being done.
    /// - Parameter workers: how many threads there may be with the caller's.
    func callHelpers(_ count: Int, ofWorkers workers: Int) {
        condition.lock()
        startThreads(workers - 1)
        helpersWanted = min(count, threadCount - working)
        if helpersWanted > 0 { condition.broadcast() }
        condition.unlock()
    }

    private func startThreads(_ count: Int) {
        while threadCount < count {
            threadCount += 1
            Thread.detachNewThread { [self] in serve() }
        }
    }

    private func serve() {
        var lastJob = 0
        condition.lock()
        while true {
            if jobNumber != lastJob, begun < wanted {
                lastJob = jobNumber
                begun += 1
                let (worker, job) = (begun, job)
                work { job?(worker) }
            } else if helpersWanted > 0 {
                helpersWanted -= 1
                let help = help
                work { help?() }
            } else {
                condition.wait()
            }
        }
    }

    /// Does something without holding `condition`.
    private func work(_ body: () -> Void) {
        working += 1
        condition.unlock()
        body()
        condition.lock()
        working -= 1
        if working == 0 { condition.broadcast() }
    }
}
