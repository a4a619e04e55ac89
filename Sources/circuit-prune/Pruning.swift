import Artifacts
import Basics
import CircuitRuns
import Discovery
import Engine
import Experiments
import Foundation
import Graphs
import Tasks
import ToolSupport

/// The runs of ACDC that one command asks for: what is made, said and stored.
struct Pruning {
    /// A path of thresholds for each traversal order.
    private var paths: [ThresholdPath]
    private let journal: DecisionJournal?
    private let deadline: Deadline?
    private let verbosity: VerbosityOptions
    /// The run of the first path that is the result; the others go along.
    private var chosen = 0
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
    }

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
    private func heading(_ path: Int, _ threshold: Double) -> String {
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
                .badData,
                "\(journal.path): it holds decisions that a search at \(threshold) doesn't make, "
                    + "perhaps of another version; start from the beginning with --restart")
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

    /// Says what was found, and whether a fresh evaluation of the circuit agrees.
    func report(in time: Duration) {
        let runs = paths.flatMap(\.runs)
        if isUnfinished {
            Console.warning(
                "the time limit has passed: written is what was found by then, "
                    + (runs.count == 1 ? "one run" : "\(runs.count) runs"))
        }
        let run = paths[0].runs[chosen]
        let acdc = paths[0].acdc
        verbosity.note(
            (runs.count > 1 ? heading(0, run.threshold) + ": " : "")
                + "\(run.edgeCount) of \(acdc.edgeCount) edges kept, "
                + "\(run.result.decisions.count) tested; "
                + "\(acdc.experiment.metric.metric.label) of the full model "
                + "\(short(run.result.fullMetric)), of the circuit "
                + "\(short(run.result.circuitMetric)), with everything ablated "
                + "\(short(run.result.ablatedMetric))")
        let fresh = LevelEvaluator(acdc.experiment, of: acdc.leveled).mean(of: run.result.inCircuit)
        let gap = abs(fresh - run.result.circuitMetric) / max(1e-3, abs(fresh))
        if gap < 1e-4 {
            verbosity.detail("evaluated from scratch the circuit has \(fresh): the search agrees")
        } else {
            Console.warning(
                "evaluated from scratch the circuit has \(fresh), in the search "
                    + "\(run.result.circuitMetric): they differ by more than rounding explains")
        }
        if let audit = run.result.audit {
            verbosity.note(
                "\(audit.early) of \(run.result.decisions.count) decisions made from a part of "
                    + "the pairs; of \(audit.checked) made from all of them too, "
                    + "\(audit.agreeing) came out alike")
        }
        let work = runs.reduce(Work()) { $0 + $1.result.work }
        let seconds = time / .seconds(1)
        let tests = runs.reduce(0) { $0 + $1.result.decisions.count - $1.sharedDecisions }
        verbosity.detail(
            "\(seconds) s, \(seconds * 1000 / Double(max(1, tests))) ms a test; "
                + "\(work.evaluations) circuits evaluated, \(work.nodes) nodes, "
                + "\(work.operations / 1e9) GFLOP, \(work.operations / 1e9 / seconds) GFLOP/s, "
                + "\(BLAS.kernel) kernels")
    }

    /// A figure for people: four significant digits.
    private func short(_ value: Double) -> String { String(format: "%.4g", value) }

    /// The chosen run as an artifact, with all runs where there are several.
    func artifact(
        model: ModelReference?, datasetDigest: String?, cacheDigest: String?
    ) throws -> CircuitArtifact {
        let run = paths[0].runs[chosen]
        var circuit = try CircuitArtifact(
            run.result, of: paths[0].acdc, model: model, datasetDigest: datasetDigest,
            cacheDigest: cacheDigest)
        if paths.flatMap(\.runs).count > 1 {
            circuit.runs = paths.flatMap(\.artifactRuns)
            for (index, path) in paths.enumerated() {
                // Parents are numbered within a path; in the artifact, through all of them.
                let offset = paths[..<index].reduce(0) { $0 + $1.runs.count }
                for number in offset..<offset + path.runs.count {
                    circuit.runs[number].parent = circuit.runs[number].parent.map { $0 + offset }
                }
            }
        }
        if paths.count > 1 {
            // In each order the run at the threshold of the circuit itself is the first one.
            let firsts = paths.compactMap { $0.runs.first?.result.inCircuit }
            circuit.keptShare = circuit.inCircuit.indices.map { edge in
                Float(firsts.count { $0[edge] }) / Float(firsts.count)
            }
        }
        return circuit
    }
}
