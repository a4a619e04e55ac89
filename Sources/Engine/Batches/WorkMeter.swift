import CKernels
import Synchronization

/// Counts the floating-point operations of the matrix products that a `WorkerPool` and its caller
/// compute, and says how they come to workers. It counts what is to be computed, whoever does it, so
/// nothing of it depends on time.
package final class WorkMeter: Sendable {
    /// The operations of some matrix products.
    package struct Operations: Sendable {
        /// By how many threads could share a product: 2^k at least for number k.
        fileprivate var byWays: [Double]

        fileprivate init(_ counted: ckernels_operations) {
            byWays = withUnsafeBytes(of: counted.of_class) { Array($0.bindMemory(to: Double.self)) }
        }

        /// All of them.
        package var total: Double { byWays.reduce(0, +) }

        /// How many come to each of `workers` workers that compute these together, the first of them
        /// alone what can't be shared.
        fileprivate func shared(among workers: Int) -> [Double] {
            var shares = [Double](repeating: 0, count: workers)
            for (number, operations) in byWays.enumerated() {
                let ways = min(workers, 1 << number)
                for worker in 0..<ways { shares[worker] += operations / Double(ways) }
            }
            return shares
        }

        fileprivate static func - (a: Operations, b: Operations) -> Operations {
            var difference = a
            for number in a.byWays.indices { difference.byWays[number] -= b.byWays[number] }
            return difference
        }
    }

    private struct State {
        var total = 0.0
        /// What the caller had counted when the meter looked last.
        var ofCaller: Operations?
        /// The pieces of each run of the pool; what the caller computes between runs is a run of one.
        var runs: [[Operations]] = []
    }

    private let keepsRuns: Bool
    private let state = Mutex(State())

    /// A meter that has counted nothing.
    /// - Parameter keepingRuns: whether `operationsOfWorkers` is wanted.
    package init(keepingRuns: Bool = false) { keepsRuns = keepingRuns }

    fileprivate static var ofThisThread: Operations { Operations(ckernels_counted()) }

    /// The operations since the first run of the pool, as far as its caller's thread and pieces go.
    package var operations: Double {
        state.withLock { state in
            state.total + (state.ofCaller.map { (Self.ofThisThread - $0).total } ?? 0)
        }
    }

    /// A run of a pool that is being counted.
    final class Run: Sendable {
        fileprivate let start = WorkMeter.ofThisThread
        fileprivate let pieces: Mutex<[Operations?]>

        /// A run of `count` pieces, which begins now on its caller's thread.
        init(_ count: Int) { pieces = Mutex(Array(repeating: nil, count: count)) }

        /// Counts what `body` computes on this thread, which is a piece.
        func measure(_ piece: Int, _ body: () -> Void) {
            let before = WorkMeter.ofThisThread
            body()
            let counted = WorkMeter.ofThisThread - before
            pieces.withLock { $0[piece] = counted }
        }
    }

    /// Adds a run that has ended.
    func add(_ run: Run) {
        let counted = run.pieces.withLock { $0.compactMap { $0 } }
        state.withLock { state in
            if let last = state.ofCaller { add([run.start - last], to: &state) }
            add(counted, to: &state)
            state.ofCaller = Self.ofThisThread
        }
    }

    private func add(_ pieces: [Operations], to state: inout State) {
        let sum = pieces.reduce(0) { $0 + $1.total }
        state.total += sum
        if keepsRuns, sum > 0 { state.runs.append(pieces) }
    }

    /// How many operations came to each of `workers` workers, if each took the next piece when it was
    /// done with its last, all as fast as each other, and helped with products of other pieces when
    /// there was none: `[worker]`, and how many came to the busiest one of each run, added up.
    package func operationsOfWorkers(_ workers: Int) -> (each: [Double], busiest: Double) {
        let runs = state.withLock { $0.runs }
        var (each, busiest) = ([Double](repeating: 0, count: workers), 0.0)
        for run in runs {
            var ofRun = [Double](repeating: 0, count: workers)
            let whole = run.count / workers * workers
            for piece in run[..<whole] {
                guard let next = ofRun.indices.min(by: { ofRun[$0] < ofRun[$1] }) else { continue }
                ofRun[next] += piece.total
            }
            // Pieces that aren't enough for all workers have a part of them each.
            let rest = run[whole...]
            let order = ofRun.indices.sorted { ofRun[$0] < ofRun[$1] }
            for (number, piece) in rest.enumerated() {
                let team = order.indices.filter { $0 % rest.count == number }
                for (worker, share) in zip(team, piece.shared(among: team.count)) {
                    ofRun[order[worker]] += share
                }
            }
            for worker in each.indices { each[worker] += ofRun[worker] }
            busiest += ofRun.max() ?? 0
        }
        return (each, busiest)
    }
}
