package import Artifacts
import Basics
import Engine
package import Experiments
import Graphs

/// Evaluates circuits of a stored graph, whatever its level: of the model's own edges, of coarser
/// ones, which stand for all edges they are made of, or of edges at each position. One thread calls
/// it.
package final class LevelEvaluator {
    /// What the edges of circuits are.
    private enum Edges {
        /// The model's.
        case own
        /// Coarser ones: that of each of the model's edges.
        case coarser([Int])
        /// By position: that of each of the model's edges, `[position][edge]`, -1 where there is
        /// none.
        case ofPositions([[Int]])
    }

    /// The graph that circuits are of.
    package let graph: GraphTable
    private let evaluator: CircuitEvaluator
    private let edges: Edges

    /// Evaluates circuits of `graph` on an experiment's pairs.
    /// - Throws: `Failure` (bad data) where `graph` is no graph of the experiment's model, or, by
    ///   positions, of other prompts.
    package init(_ experiment: Experiment, of graph: GraphTable) throws {
        self.graph = graph
        evaluator = CircuitEvaluator(experiment)
        let own = experiment.graph.table
        if graph == own {
            edges = .own
        } else if graph.level == "position" {
            edges = .ofPositions(try Self.edgesOfPositions(of: graph, in: experiment))
        } else if let level = GraphLevel(rawValue: graph.level),
            case let projection = try GraphProjection(of: own, to: level, false),
            projection.graph == graph
        {
            edges = .coarser(projection.groupOfEdge)
        } else {
            throw Failure(
                .badData,
                "it is of another graph (\(graph.edgeCount) edges, level \(graph.level)) than the "
                    + "model has (\(own.edgeCount) edges)")
        }
    }

    /// The stored edge of each of the model's edges at each position.
    private static func edgesOfPositions(of graph: GraphTable, in experiment: Experiment) throws
        -> [[Int]]
    {
        let layout = experiment.clean.layout
        let finest = experiment.graph.table(forPromptsOf: layout.lengths)
        let projection = try GraphProjection(
            of: finest.table, to: GraphLevel(ofReceiversIn: graph), true)
        guard projection.graph == graph else {
            throw Failure(
                .badData,
                "its edges are by position, and its graph isn't that of prompts of these lengths: "
                    + "give pairs with prompts as long as those it was made from, and a metric that "
                    + "reads answers of as many tokens")
        }
        let edgeCount = experiment.graph.edgeCount
        var edges = [[Int]](
            repeating: [Int](repeating: -1, count: edgeCount), count: layout.longest)
        for (index, edge) in finest.edges.enumerated() {
            edges[edge / edgeCount][edge % edgeCount] = projection.groupOfEdge[index]
        }
        return edges
    }

    /// The metric of a circuit for each pair, everything else ablated.
    /// - Parameters:
    ///   - inCircuit: which edges are in it, `[edge]`.
    ///   - neurons: which neurons are; nil is all.
    package func values(of inCircuit: [Bool], neurons: NeuronMasks? = nil) -> [Double] {
        let present = { (edges: [Int]) in edges.map { $0 >= 0 && inCircuit[$0] } }
        switch edges {
        case .own where neurons == nil: return evaluator.values(of: inCircuit)
        case .coarser(let edges) where neurons == nil:
            return evaluator.values(of: present(edges))
        case .own: return evaluator.values(of: EdgeMasks(inCircuit), neurons: neurons)
        case .coarser(let edges):
            return evaluator.values(of: EdgeMasks(present(edges)), neurons: neurons)
        case .ofPositions(let edges):
            return evaluator.values(
                of: .ofPositions(edges.map { present($0).map { $0 ? 1 : 0 } }), neurons: neurons)
        }
    }

    /// The metric of a circuit, and with each of its edges cut by itself.
    /// - Returns: the metric of each pair, and the same by edge that is cut; edges that change
    ///   nothing may be left out.
    package func valuesWithoutEach(
        of inCircuit: [Bool], progress: (_ done: Int, _ all: Int) -> Void
    ) -> (whole: [Double], withoutEdge: [Int: [Double]]) {
        if case .own = edges {
            return evaluator.valuesWithoutEach(of: inCircuit, progress: progress)
        }
        let members = inCircuit.indices.filter { inCircuit[$0] }
        var withoutEdge: [Int: [Double]] = [:]
        for (done, edge) in members.enumerated() {
            var rest = inCircuit
            rest[edge] = false
            withoutEdge[edge] = values(of: rest)
            progress(done + 1, members.count)
        }
        return (values(of: inCircuit), withoutEdge)
    }
}
