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
    private let verbosity: VerbosityOptions
    /// The run of the first path that is the result; the others go along.
    private var chosen = 0
    /// Whether each run was reported when it was made.
    private var isReported = false

    init(searches: [ACDC], journal: DecisionJournal?, verbosity: VerbosityOptions) {
        paths = searches.map { ThresholdPath($0) }
        self.journal = journal
        self.verbosity = verbosity
    }

    /// Makes the runs of these thresholds, in every order.
    mutating func run(_ choice: ThresholdChoice) throws {
        switch choice {
        case .single(let threshold): try makeRuns(at: [threshold])
        case .list(let thresholds): try makeRuns(at: thresholds)
        case .breakPoints(let range): try makeRuns(atBreakPointsIn: range)
        case .edgeCount(let count): try findRun(ofEdges: count)
        }
    }

    /// Makes the run of each threshold, in every order.
    private mutating func makeRuns(at thresholds: [Double]) throws {
        for number in paths.indices {
            var path = paths[number]
            for threshold in thresholds { _ = try makeRun(&path, number, threshold) }
            paths[number] = path
        }
    }

    /// Makes a run for every circuit that thresholds of a range give, in every order: from the
    /// largest threshold to the next one that changes the circuit.
    private mutating func makeRuns(atBreakPointsIn range: ClosedRange<Double>) throws {
        isReported = true
        for number in paths.indices {
            var path = paths[number]
            var threshold = range.upperBound
            while threshold >= range.lowerBound {
                let made = try makeRun(&path, number, threshold)
                let run = path.runs[made]
                verbosity.note(
                    "threshold \(threshold): \(run.edgeCount) edges, so down to \(run.sameAbove)")
                threshold = run.sameAbove
            }
            paths[number] = path
        }
    }

    /// Finds the threshold whose circuit has `count` edges, or the nearest on either side.
    private mutating func findRun(ofEdges count: Int) throws {
        isReported = true
        // It is looked for from the side of the smaller circuits, which cost less.
        let start = paths[0].acdc.experiment.effectOfAllEdges / 50
        var path = paths[0]
        let found = try path.search(edges: count, from: start) {
            path, threshold in
            let run = try makeRun(&path, 0, threshold)
            verbosity.note("threshold \(threshold): \(path.runs[run].edgeCount) edges")
            return run
        }
        paths[0] = path
        let neighbours = [found.smaller, found.larger].compactMap { $0 }
        let runs = path.runs
        func distance(_ run: Int) -> Int { abs(runs[run].edgeCount - count) }
        chosen = found.exact ?? neighbours.min { distance($0) < distance($1) } ?? 0
        guard found.exact == nil else { return }
        let offers = neighbours.map { "\(runs[$0].edgeCount) edges at \(runs[$0].threshold)" }
        verbosity.note(
            "no threshold was found that gives exactly \(count) edges; the nearest "
                + (offers.count == 1 ? "is " : "are ") + offers.joined(separator: " and "))
    }

    private func makeRun(
        _ path: inout ThresholdPath, _ order: Int, _ threshold: Double
    ) throws -> Int {
        // Runs are numbered through in the journal: first by order, then by threshold.
        let number = Int32(order << 20 | path.runs.count)
        let resumed = journal?.resumed.filter { $0.run == number }.map(\.decision) ?? []
        if let journal, path.acdc.contradicts(resumed, at: threshold) {
            throw Failure(
                .badData,
                "\(journal.path): it holds decisions that a search at \(threshold) doesn't make, "
                    + "perhaps of another version; remove it to start from the beginning")
        }
        let meter = ProgressMeter(
            "edges", total: path.acdc.graph.edgeCount, verbosity: verbosity.level)
        defer { meter.finish() }
        let journal = journal
        return try path.run(
            at: threshold, resumed: resumed,
            journal: { decisions in
                for decision in decisions { try journal?.append(.init(run: number, decision)) }
                try journal?.flush()
            },
            progress: { meter.update(completed: $0.decided, note: "\($0.kept) kept") })
    }

    func removeJournal() { journal?.remove() }

    /// Says what was found, and whether a fresh evaluation of the circuit agrees.
    func report(in time: Duration) {
        let runs = paths.flatMap(\.runs)
        for run in runs where runs.count > 1 && !isReported {
            verbosity.note("threshold \(run.threshold): \(run.edgeCount) edges")
        }
        let run = paths[0].runs[chosen]
        let acdc = paths[0].acdc
        verbosity.note(
            "\(run.edgeCount) of \(acdc.graph.edgeCount) edges kept, "
                + "\(run.result.decisions.count) tested; "
                + "\(acdc.experiment.metric.metric.rawValue) of the full model "
                + "\(short(run.result.fullMetric)), of the circuit "
                + "\(short(run.result.circuitMetric)), with everything ablated "
                + "\(short(run.result.ablatedMetric))")
        let fresh = CircuitEvaluator(acdc.experiment).mean(of: run.result.inCircuit)
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
            circuit.keptShare = circuit.inCircuit.indices.map { edge in
                let keeping = paths.count { $0.runs[0].result.inCircuit[edge] }
                return Float(keeping) / Float(paths.count)
            }
        }
        return circuit
    }
}
