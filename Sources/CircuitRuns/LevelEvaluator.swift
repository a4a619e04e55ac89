package import Artifacts
import Basics
import Engine
package import Experiments
package import Graphs

/// Evaluates circuits of a graph of any level: of the model's own edges, of coarser ones, which stand
/// for all edges they are made of, or of edges at each position. One thread calls it.
package final class LevelEvaluator {
    /// The graph that circuits are of, and the model's edges in it.
    package let leveled: LeveledGraph
    private let evaluator: CircuitEvaluator

    /// The graph that circuits are of.
    package var graph: GraphTable { leveled.table }

    /// Evaluates circuits of a graph of the experiment's model.
    package init(_ experiment: Experiment, of leveled: LeveledGraph) {
        self.leveled = leveled
        evaluator = CircuitEvaluator(experiment)
    }

    /// Evaluates circuits of a stored `graph` on an experiment's pairs.
    /// - Throws: `Failure` (bad data) where `graph` is no graph of the experiment's model, or, by
    ///   positions, of other prompts.
    package convenience init(_ experiment: Experiment, of graph: GraphTable) throws {
        self.init(
            experiment,
            of: try LeveledGraph(
                graph, of: experiment.graph, forPromptsOf: experiment.clean.layout.lengths))
    }

    /// The metric of a circuit for each pair, everything else ablated.
    /// - Parameters:
    ///   - inCircuit: which edges are in it, `[edge]`.
    ///   - neurons: which neurons are; nil is all.
    package func values(of inCircuit: [Bool], neurons: NeuronMasks? = nil) -> [Double] {
        let present = leveled.ownEdges(of: inCircuit)
        if leveled.positionCount != nil {
            return evaluator.values(
                of: .ofPositions(present.map { $0.map { $0 ? 1 : 0 } }), neurons: neurons)
        }
        if let neurons { return evaluator.values(of: EdgeMasks(present[0]), neurons: neurons) }
        return evaluator.values(of: present[0])
    }

    /// The mean metric of a circuit, everything else ablated.
    package func mean(of inCircuit: [Bool]) -> Double {
        let values = values(of: inCircuit)
        return values.reduce(0, +) / Double(max(1, values.count))
    }

    /// The metric of a circuit, and with each of its edges cut by itself.
    /// - Returns: the metric of each pair, and the same by edge that is cut; edges that change
    ///   nothing may be left out.
    package func valuesWithoutEach(
        of inCircuit: [Bool], progress: (_ done: Int, _ all: Int) -> Void
    ) -> (whole: [Double], withoutEdge: [Int: [Double]]) {
        if graph.level == GraphLevel.edge.rawValue {
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
