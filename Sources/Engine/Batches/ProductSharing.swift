import CKernels
import Synchronization

/// Lets threads for which there is no piece of work left compute blocks of the matrix products of
/// those that are still at work: with fewer pieces than threads, and while the last ones are computed.
///
/// Blocks are cut by how many threads there are to take them. No result depends on it, since only
/// products of which every block has the same bits are shared (`PanelProduct`).
final class ProductSharing: Sendable {
    private let teams: [ProductTeam]
    private let unfinished: Atomic<Int>
    /// Threads that look for blocks.
    private let helpers = Atomic<Int>(0)

    /// How often a thread looks for blocks in vain before it leaves: tens of microseconds, so that it is
    /// still there at the next product.
    private static let mostFruitless = 1000

    /// For so many workers of a pool, who compute `pieces` pieces of work.
    init(workers: Int, pieces: Int) {
        teams = (0..<workers).map { _ in ProductTeam() }
        unfinished = Atomic(pieces)
        for team in teams { team.sharing = self }
    }

    /// Calls `body`, whose products others may help with.
    func lead(_ worker: Int, _ body: () -> Void) {
        let outer = ckernels_product_team()
        ckernels_set_product_team(Unmanaged.passUnretained(teams[worker]).toOpaque())
        body()
        ckernels_set_product_team(outer)
    }

    /// Notes that a piece is done.
    func finishPiece() { unfinished.subtract(1, ordering: .relaxed) }

    /// How many threads could compute a product of a worker together, itself one of them.
    fileprivate var teamSize: Int {
        let leaders = unfinished.load(ordering: .relaxed)
        return leaders < teams.count ? (teams.count + leaders - 1) / max(1, leaders) : 1
    }

    /// Calls for threads without work, unless they are here.
    fileprivate func callHelpers() {
        let wanted = teams.count - unfinished.load(ordering: .relaxed)
        let missing = wanted - helpers.load(ordering: .relaxed)
        if missing > 0 { WorkerThreads.shared.callHelpers(missing, ofWorkers: teams.count) }
    }

    /// Helps with products as long as there are some.
    func help() {
        helpers.add(1, ordering: .relaxed)
        var (first, fruitless) = (0, 0)
        while unfinished.load(ordering: .relaxed) > 0, fruitless < Self.mostFruitless {
            var found = false
            for _ in teams.indices {
                if teams[first].help() { found = true }
                first = first + 1 == teams.count ? 0 : first + 1
            }
            fruitless = found ? 0 : fruitless + 1
            if !found { ckernels_spin() }
        }
        helpers.subtract(1, ordering: .relaxed)
    }
}

/// A worker at work on a piece, and those who take blocks of its products.
final class ProductTeam: @unchecked Sendable {
    /// The product that is shared now: its number, how many blocks it has, and how many were taken.
    private let ticket = Atomic<UInt64>(0)
    /// Blocks of it that are computed.
    private let done = Atomic<Int>(0)
    // Written while no block can be taken, read by those who took one.
    private var product: PanelProduct?
    /// What it is part of.
    fileprivate(set) unowned(unsafe) var sharing: ProductSharing?

    /// The team of this thread, if it works on a piece of a pool's work.
    @inline(__always)
    static var ofThisThread: ProductTeam? {
        ckernels_product_team().map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }

    /// How many threads could compute a product together.
    var size: Int { sharing?.teamSize ?? 1 }

    /// Computes a product in `blocks` blocks of columns, at most 65,535.
    func compute(_ product: PanelProduct, blocks: Int) {
        self.product = product
        done.store(0, ordering: .relaxed)
        let number = (ticket.load(ordering: .relaxed) >> 32) &+ 1
        ticket.store(number << 32 | UInt64(blocks) << 16, ordering: .releasing)
        sharing?.callHelpers()
        _ = help()
        var spins = 0
        while done.load(ordering: .acquiring) < blocks {
            spins += 1
            if spins < 1000 { ckernels_spin() } else { ckernels_yield() }
        }
    }

    /// Takes and computes blocks until all are taken; returns whether there were any.
    func help() -> Bool {
        var found = false
        var ticket = ticket.load(ordering: .acquiring)
        while true {
            let (taken, blocks) = (Int(ticket & 0xffff), Int(ticket >> 16 & 0xffff))
            if taken >= blocks { return found }
            let result = self.ticket.compareExchange(
                expected: ticket, desired: ticket + 1, ordering: .acquiringAndReleasing)
            guard result.exchanged else {
                ticket = result.original
                continue
            }
            // The product stays what it is until this block is done.
            product?.compute(block: taken, of: blocks)
            done.add(1, ordering: .releasing)
            found = true
            ticket = self.ticket.load(ordering: .acquiring)
        }
    }
}
