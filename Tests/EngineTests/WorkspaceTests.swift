import Engine
import Testing

@Suite("Workspaces")
struct WorkspaceTests {
    @Test("Memory that was given back is handed out again")
    func reset() {
        let workspace = Workspace(blockSize: 64)
        let first = workspace.take(10)
        let mark = workspace.mark
        let second = workspace.take(20)
        // More than the rest of the block.
        let third = workspace.take(100)
        #expect(first != second && second != third)
        workspace.reset(to: mark)
        #expect(workspace.take(20) == second)
        #expect(workspace.take(100) == third)
    }

    @Test("A pool reuses the memory of each worker, and workers share none")
    func pool() {
        let pool = ScratchPool(workers: 2, blockSize: 64)
        let first = pool.withWorkspace(of: 0) { $0.take(8) }
        #expect(pool.withWorkspace(of: 0) { $0.take(8) } == first)
        #expect(pool.withWorkspace(of: 1) { $0.take(8) } != first)
    }
}
