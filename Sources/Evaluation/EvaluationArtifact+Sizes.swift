package import Artifacts
import Basics
package import Graphs

/// Scores over circuit sizes, as the MIB benchmark judges them.
package struct CircuitSizes: Hashable, Sendable {
    /// The shares of all edges that are taken, ascending.
    package var shares: [Double]
    /// Whether edges are taken from the logits backwards.
    package var greedy: Bool

    /// Whether there is an area under a curve over them.
    var haveArea: Bool { shares.count > 1 }

    /// The benchmark's shares.
    package static let benchmarkShares = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]

    /// Sizes, by default those of the benchmark.
    package init(shares: [Double] = benchmarkShares, greedy: Bool = false) {
        self.shares = shares
        self.greedy = greedy
    }
}

extension EvaluationArtifact {
    /// Adds the faithfulness over sizes of the circuits that scores give, and, of more than one size,
    /// the areas: CPR, the faithfulness over the nominal share of edges, circuits by signed score, the
    /// higher the better; CMD, its distance from 1, circuits by absolute score, the lower the better.
    package mutating func addSizes(
        _ sizes: CircuitSizes, of scores: [Float], topology: GraphTopology, judge: CircuitJudge
    ) {
        addEnds(judge)
        func circuits(absolute: Bool) -> (Int) -> [Bool] {
            judge.circuits(of: scores, absolute: absolute, greedy: sizes.greedy, topology)
        }
        addSizes(
            sizes, signed: judge.measure(sizes, [circuits(absolute: false)]),
            absolute: judge.measure(sizes, [circuits(absolute: true)]), judge)
    }

    /// Adds the same of the circuits of a search at several thresholds: at each size the largest of
    /// them that isn't larger. Between them and beyond a search says nothing.
    package mutating func addSizes(
        _ sizes: CircuitSizes, ofCircuits found: [[Bool]], judge: CircuitJudge
    ) {
        addEnds(judge)
        let bySize = found.map { (count: $0.count { $0 }, inCircuit: $0) }
            .sorted { $0.count < $1.count }
        let none = [Bool](repeating: false, count: judge.graph.edgeCount)
        let measured = judge.measure(
            sizes, [{ count in bySize.last { $0.count <= count }?.inCircuit ?? none }])
        addSizes(sizes, signed: measured, absolute: measured, judge)
    }

    private mutating func addSizes(
        _ sizes: CircuitSizes, signed: MeasuredSizes, absolute: MeasuredSizes, _ judge: CircuitJudge
    ) {
        add(signed, "faithfulness-signed", sizes, judge)
        add(absolute, "faithfulness-absolute", sizes, judge)
        guard sizes.haveArea else { return }
        figures.append(judge.figure("cpr", signed, sizes) { $0 })
        figures.append(judge.figure("cmd", absolute, sizes) { abs(1 - $0) })
    }

    /// Adds the same for random scores: what any method has to beat. The mean over `count` drawings,
    /// a number that is a figure too.
    package mutating func addRandomSizes(
        _ sizes: CircuitSizes, count: Int, seed: UInt64, topology: GraphTopology,
        judge: CircuitJudge
    ) {
        guard count > 0 else { return }
        addEnds(judge)
        var generator = SplitMix64(seed: seed)
        let circuits = (0..<count).map { _ in
            let scores = (0..<judge.graph.edgeCount).map { _ in Float(generator.nextUnit()) }
            return judge.circuits(
                of: scores, absolute: false, greedy: sizes.greedy, topology)
        }
        let measured = judge.measure(sizes, circuits)
        add(measured, "faithfulness-random", sizes, judge)
        addDrawings(count)
        guard sizes.haveArea else { return }
        figures.append(judge.figure("cpr-random", measured, sizes) { $0 })
        figures.append(judge.figure("cmd-random", measured, sizes) { abs(1 - $0) })
    }

    private mutating func add(
        _ measured: MeasuredSizes, _ name: String, _ sizes: CircuitSizes, _ judge: CircuitJudge
    ) {
        curves.append(
            judge.resampling.curve(
                name, xLabel: "share of edges", yLabel: "faithfulness", x: sizes.shares,
                edgeCounts: measured.edgeCounts
            ) { point, mean in
                let drawings = measured.values
                return drawings.reduce(0) { $0 + judge.faithfulness($1[point], mean) }
                    / Double(drawings.count)
            })
    }
}

/// The circuits of some drawings of scores at every size.
struct MeasuredSizes {
    /// The metric, `[drawing][size][pair]`.
    let values: [[[Double]]]
    /// The edges at each size, loose ends gone; of several drawings the mean, rounded.
    let edgeCounts: [Int]
}

extension CircuitJudge {
    /// The circuits of scores by how many edges are taken, loose ends gone.
    fileprivate func circuits(
        of scores: [Float], absolute: Bool, greedy: Bool, _ topology: GraphTopology
    ) -> (_ count: Int) -> [Bool] {
        let ranking = EdgeSelection(.edges(0), greedy: greedy, absolute: absolute)
            .ranking(scores, in: topology)
        return { topology.pruned(ranking.first($0, of: scores.count)) }
    }

    /// Measures the circuits of one or several drawings at every size.
    fileprivate func measure(
        _ sizes: CircuitSizes, _ drawings: [(_ count: Int) -> [Bool]]
    ) -> MeasuredSizes {
        var counts = [Int](repeating: 0, count: sizes.shares.count)
        let values = drawings.map { circuit in
            sizes.shares.enumerated().map { index, share in
                let inCircuit = circuit(EdgeSelection.count(of: share, in: graph.edgeCount))
                counts[index] += inCircuit.count { $0 }
                return self.values(of: inCircuit)
            }
        }
        return MeasuredSizes(
            values: values,
            edgeCounts: counts.map {
                Int((Double($0) / Double(max(1, drawings.count))).rounded())
            })
    }

    /// An area over sizes, the mean over drawings.
    fileprivate func figure(
        _ name: String, _ measured: MeasuredSizes, _ sizes: CircuitSizes,
        height: (_ faithfulness: Double) -> Double
    ) -> EvaluationArtifact.Figure {
        resampling.figure(name) { mean in
            measured.values.reduce(0) { sum, drawing in
                sum + trapezoid(sizes.shares, drawing.map { height(faithfulness($0, mean)) })
            } / Double(measured.values.count)
        }
    }
}
