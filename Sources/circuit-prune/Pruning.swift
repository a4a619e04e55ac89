import Artifacts
import Basics
import Discovery
import Engine
import Experiments
import Graphs
import Tasks
import ToolSupport

/// The runs of ACDC that one command asks for: what is made, said and stored.
struct Pruning {
    /// A path of thresholds for each traversal order.
    private(set) var paths: [ThresholdPath]
    private let journal: DecisionJournal?
    private let deadline: Deadline?
    let verbosity: VerbosityOptions
    private let operationsAtStart: Double
    /// The run of the first path that is the result; the others go along.
    private(set) var chosen = 0
    /// Whether the time ran out before all was tried.
    private(set) var isUnfinished = false

    init(
        searches: [ACDC], journal: DecisionJournal?, deadline: Deadline?,
        verbosity: VerbosityOptions
    ) {
        paths = searches.map { ThresholdPath($0) }
        self.journal = journal
        self.deadline = deadline
        self.verbosity = verbosity
        operationsAtStart = Self.countedOperations(searches[0])
    }

    /// Floating-point operations of matrix products so far.
    private static func countedOperations(_ search: ACDC) -> Double {
        search.experiment.transformer.pool.meter?.operations ?? 0
    }

    /// Floating-point operations of matrix products since the search was prepared.
    var operations: Double { Self.countedOperations(paths[0].acdc) - operationsAtStart }

    /// Makes the runs of these thresholds, in every order; or, where the time runs out before, those
    /// that are done by then, and at least one.
    mutating func run(_ choice: ThresholdChoice) throws {
        do {
            switch choice {
            case .single(let threshold): try makeRuns(at: [threshold])
            case .list(let thresholds): try makeRuns(at: thresholds)
            case .breakPoints(let range): try makeRuns(atBreakPointsIn: range)
            case .edgeCount(let count): try findRun(ofEdges: count)
            }
        } catch is Deadline.Passed {
            isUnfinished = true
        }
        if case .edgeCount(let count) = choice { chooseRun(ofEdges: count) }
    }

    /// Makes the run of each threshold, in every order.
    private mutating func makeRuns(at thresholds: [Double]) throws {
        for number in paths.indices {
            for threshold in thresholds {
                let run = try makeRun(&paths[number], number, threshold)
                if thresholds.count > 1 || paths.count > 1 {
                    verbosity.note(heading(number, threshold) + ": \(edges(run, of: number))")
                }
            }
        }
    }

    /// Makes a run for every circuit that thresholds of a range give, in every order: from the
    /// largest threshold to the next one that changes the circuit.
    private mutating func makeRuns(atBreakPointsIn range: ClosedRange<Double>) throws {
        for number in paths.indices {
            var threshold = range.upperBound
            while threshold >= range.lowerBound {
                let made = try makeRun(&paths[number], number, threshold)
                let run = paths[number].runs[made]
                verbosity.note(
                    heading(number, threshold)
                        + ": \(edges(made, of: number)), so down to \(run.sameAbove.inSixDigits)")
                threshold = run.sameAbove
            }
        }
    }

    /// What a line about a run begins with: its threshold, and its order where there are several.
    func heading(_ path: Int, _ threshold: Double) -> String {
        let order = paths.count > 1 ? ", order \(paths[path].acdc.options.order.name)" : ""
        return "threshold \(threshold.inSixDigits)\(order)"
    }

    private func edges(_ run: Int, of path: Int) -> String {
        Self.edges(paths[path].runs[run].edgeCount)
    }

    private static func edges(_ count: Int) -> String { count == 1 ? "1 edge" : "\(count) edges" }

    /// Finds the threshold whose circuit has `count` edges, or the nearest on either side.
    private mutating func findRun(ofEdges count: Int) throws {
        // It is looked for from the side of the smaller circuits, which cost less.
        let start = paths[0].acdc.firstThreshold(forEdges: count)
        var path = paths[0]
        defer { paths[0] = path }
        _ = try path.search(edges: count, from: start) { path, threshold in
            verbosity.note(
                (path.runs.last.map { last in
                    "threshold \(last.threshold.inSixDigits): \(Self.edges(last.edgeCount)); "
                } ?? "") + "trying \(threshold.inSixDigits)")
            return try makeRun(&path, 0, threshold)
        }
    }

    /// Chooses the run whose circuit has `count` edges, or else nearly so many, and says which sizes
    /// are nearest.
    private mutating func chooseRun(ofEdges count: Int) {
        let runs = paths[0].runs
        let sizes = runs.map(\.edgeCount)
        if let last = runs.last {
            verbosity.note(
                "threshold \(last.threshold.inSixDigits): \(Self.edges(last.edgeCount))")
        }
        let smaller = sizes.indices.filter { sizes[$0] < count }.max { sizes[$0] < sizes[$1] }
        let larger = sizes.indices.filter { sizes[$0] > count }.min { sizes[$0] < sizes[$1] }
        let neighbours = [smaller, larger].compactMap { $0 }
        if let exact = sizes.firstIndex(of: count) {
            chosen = exact
            return
        }
        chosen =
            neighbours.min { abs(sizes[$0] - count) < abs(sizes[$1] - count) } ?? 0
        let offers = neighbours.map {
            "\(Self.edges(sizes[$0])) at \(runs[$0].threshold.inSixDigits) (run \($0))"
        }
        Console.warning(
            "no threshold was found that gives exactly \(count) edges; the nearest "
                + (offers.count == 1 ? "is " : "are ") + offers.joined(separator: " and ")
                + ": the circuit is run \(chosen), and all \(runs.count) are kept with it")
    }

    /// - Throws: `Deadline.Passed` where the time runs out and another run was made before.
    private func makeRun(
        _ path: inout ThresholdPath, _ order: Int, _ threshold: Double
    ) throws -> Int {
        let isFirst = order == 0 && path.runs.isEmpty
        // Runs are numbered through in the journal: first by order, then by threshold.
        let number = Int32(order << 20 | path.runs.count)
        let resumed = journal?.resumed.filter { $0.run == number }.map(\.decision) ?? []
        if let journal, path.acdc.contradicts(resumed, at: threshold) {
            throw Failure(
                .usage,
                "\(journal.path): it holds decisions that a search at \(threshold) doesn't make, "
                    + "perhaps of another version: start anew with --restart, which discards them, or "
                    + "name another output")
        }
        // What was decided before costs no time: a shorter limit doesn't lose runs that are in the journal.
        if !isFirst, resumed.isEmpty { try deadline?.check() }
        let meter = ProgressMeter(
            "edges", total: path.acdc.edgeCount, verbosity: verbosity.level)
        defer { meter.finish() }
        let journal = journal
        return try path.run(
            at: threshold, resumed: resumed,
            journal: { decisions in
                for decision in decisions { try journal?.append(.init(run: number, decision)) }
                try journal?.flush()
                if !isFirst { try deadline?.check() }
            },
            progress: { meter.update(completed: $0.decided, note: "\($0.kept) kept") })
    }

    /// Removes the journal of a search that is done. Of one that ran out of time it stays.
    func closeJournal() {
        guard let journal else { return }
        if isUnfinished {
            verbosity.note(
                "decisions of what was not done are kept in \(journal.path): the same command with a "
                    + "longer --time-limit, or none, goes on with them")
            return
        }
        do throws(ArtifactError) {
            try journal.remove()
        } catch {
            Console.warning("\(error); the search is done, remove it by hand")
        }
    }
}
