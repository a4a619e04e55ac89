internal import Engine

/// The scratch memory of each worker, kept from one evaluation to the next.
final class ScratchPool: @unchecked Sendable {
    private let slots: UnsafeMutablePointer<Workspace>
    private let count: Int

    init(workers: Int) {
        count = workers
        slots = .allocate(capacity: workers)
        for worker in 0..<workers { (slots + worker).initialize(to: Workspace()) }
    }

    deinit {
        slots.deinitialize(count: count)
        slots.deallocate()
    }

    /// Lends the workspace of a worker; no two pieces run on one worker at a time.
    func withWorkspace(of worker: Int, _ body: (consuming Workspace) -> Workspace) {
        let workspace = (slots + worker).move()
        (slots + worker).initialize(to: body(workspace))
    }
}
