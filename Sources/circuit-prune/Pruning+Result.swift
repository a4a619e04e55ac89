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

/// What a search has found: as it is said and as it is stored.
extension Pruning {
    /// Says what was found, and whether a fresh evaluation of the circuit agrees.
    func report(in time: Duration) {
        // Those of the evaluation below don't count.
        let operations = operations
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
                + "\(operations / 1e9) GFLOP of matrix products, \(operations / 1e9 / seconds) GFLOP/s, "
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
