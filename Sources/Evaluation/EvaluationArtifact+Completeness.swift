package import Artifacts
import Basics
import Graphs

/// Random parts of a circuit that are knocked out.
package struct Knockouts: Hashable, Sendable {
    /// What is knocked out.
    package enum Level: String, Hashable, Sendable, CaseIterable {
        /// Single edges.
        case edges
        /// Nodes, with all that they send.
        case nodes
    }

    /// What is knocked out.
    package var level: Level
    /// How many random sets.
    package var count: Int
    /// Where the random sets start.
    package var seed: UInt64

    /// Knockouts of random sets.
    package init(_ level: Level, count: Int, seed: UInt64) {
        self.level = level
        self.count = count
        self.seed = seed
    }

    /// The edges that each set cuts, in and out of the circuit. Each edge, or node, of the circuit
    /// is in a set with probability 1/2, drawn in the graph's order.
    func cutEdges(of inCircuit: [Bool], in graph: GraphTable) -> [[Int]] {
        var generator = SplitMix64(seed: seed)
        var edgesOfSender = [[Int]](repeating: [], count: graph.nodes.count)
        var hasEdge = [Bool](repeating: false, count: graph.nodes.count)
        for (edge, sender) in graph.senderOfEdge.enumerated() {
            edgesOfSender[Int(sender)].append(edge)
            if inCircuit[edge] { hasEdge[Int(sender)] = true }
        }
        let nodes = graph.nodes.indices.filter {
            hasEdge[$0] && NodeAddress(graph.nodes[$0])?.role != .input
        }
        let edges = inCircuit.indices.filter { inCircuit[$0] }
        return (0..<count).map { _ in
            switch level {
            case .edges: edges.filter { _ in generator.nextUnit() < 0.5 }
            case .nodes:
                nodes.filter { _ in generator.nextUnit() < 0.5 }.flatMap { edgesOfSender[$0] }
            }
        }
    }
}

extension EvaluationArtifact {
    /// Adds the completeness of a circuit (Wang et al. 2022): whether it does as the full model does
    /// when random parts K of it are knocked out of both. The figures are the mean and the largest
    /// |F(C without K) - F(M without K)|, and the mean as a share of what lies between the full and
    /// the ablated model; the curve has a point for each K.
    package mutating func addCompleteness(
        of inCircuit: [Bool], under knockouts: Knockouts, judge: CircuitJudge
    ) {
        let sets = knockouts.cutEdges(of: inCircuit, in: judge.graph)
        guard !sets.isEmpty else { return }
        addEnds(judge)
        let whole = [Bool](repeating: true, count: inCircuit.count)
        func without(_ edges: [Int], _ circuit: [Bool]) -> [Double] {
            var circuit = circuit
            for edge in edges { circuit[edge] = false }
            return judge.values(of: circuit)
        }
        let measured = sets.map { (circuit: without($0, inCircuit), full: without($0, whole)) }
        func gaps(_ mean: PairMean) -> [Double] {
            measured.map { abs(mean($0.circuit) - mean($0.full)) }
        }
        func average(_ mean: PairMean) -> Double {
            gaps(mean).reduce(0, +) / Double(measured.count)
        }
        let resampling = judge.resampling
        figures.append(resampling.figure("incompleteness", average))
        figures.append(resampling.figure("incompleteness-largest") { gaps($0).max() ?? .nan })
        figures.append(
            resampling.figure("incompleteness-share") { mean in
                average(mean) / abs(mean(judge.full) - mean(judge.corrupted))
            })
        curves.append(
            resampling.curve(
                "completeness", xLabel: "full model without K", yLabel: "circuit without K",
                x: measured.map { PairMean.ofAll($0.full) }
            ) { point, mean in mean(measured[point].circuit) })
    }
}
