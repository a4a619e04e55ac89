import Engine

/// The scratch memory of each worker, kept from one evaluation to the next.
package final class ScratchPool: @unchecked Sendable {
    private let slots: UnsafeMutablePointer<Workspace>
    private let count: Int

    /// - Parameter blockSize: values that a workspace grows by; of 4 Mi on they get large pages.
    package init(workers: Int, blockSize: Int = 1 << 20) {
        count = workers
        slots = .allocate(capacity: workers)
        for worker in 0..<workers {
            (slots + worker).initialize(to: Workspace(blockSize: blockSize))
        }
    }

    deinit {
        slots.deinitialize(count: count)
        slots.deallocate()
    }

    /// Lends the workspace of a worker; no two pieces run on one worker at a time.
    package func withWorkspace(of worker: Int, _ body: (consuming Workspace) -> Workspace) {
        let workspace = (slots + worker).move()
        (slots + worker).initialize(to: body(workspace))
    }
}
