/// The scratch memory of each worker, kept from one evaluation to the next.
package final class ScratchPool: @unchecked Sendable {
    // Each is used by one thread at a time: that of its worker.
    private let workspaces: [Workspace]

    /// - Parameters:
    ///   - workers: how many workers there are, such as the threads of a `WorkerPool`.
    ///   - blockSize: values that a workspace grows by; of 4 Mi on they get large pages.
    package init(workers: Int, blockSize: Int = 1 << 20) {
        workspaces = (0..<workers).map { _ in Workspace(blockSize: blockSize) }
    }

    /// Lends the workspace of a worker, and takes back all that `body` took of it. No two pieces of
    /// work run on one worker at a time.
    @discardableResult
    package func withWorkspace<Result>(
        of worker: Int, _ body: (Workspace) -> Result
    ) -> Result {
        let workspace = workspaces[worker]
        let mark = workspace.mark
        defer { workspace.reset(to: mark) }
        return body(workspace)
    }
}
