package import Artifacts
package import Basics
import FoundationEssentials
package import Graphs

/// A circuit as a JSON list of its edges by name: `{"edges": ["input->m0", ...]}`, or
/// `{"edges": [{"edge": "input->m0", ...}, ...]}`, the form of the files in `fixtures/tracr` and of
/// `circuit-show --json`. An edge with `"in_circuit": false` isn't in the circuit; other keys are
/// ignored.
package enum EdgeListFile {
    private struct Content: Decodable {
        var edges: [Entry]
    }

    private struct Entry: Decodable {
        private enum CodingKeys: String, CodingKey {
            case edge
            case inCircuit = "in_circuit"
        }

        var edge: String
        var inCircuit: Bool

        init(from decoder: any Decoder) throws {
            if let name = try? decoder.singleValueContainer().decode(String.self) {
                (edge, inCircuit) = (name, true)
                return
            }
            let container = try decoder.container(keyedBy: CodingKeys.self)
            edge = try container.decode(String.self, forKey: .edge)
            inCircuit = try container.decodeIfPresent(Bool.self, forKey: .inCircuit) ?? true
        }
    }

    /// Reads a circuit.
    ///
    /// - Parameters:
    ///   - path: the file, `-` for standard input.
    ///   - graph: the graph of the edges.
    ///   - model: the model, as the circuit stores it.
    /// - Throws: `Failure` where the file can't be read, isn't such a list, or names an edge that
    ///   isn't in the graph.
    package static func circuit(
        _ path: String, in graph: ComputationalGraph, of model: ModelReference?
    ) throws(Failure) -> CircuitArtifact {
        let source = path == "-" ? "standard input" : path
        let bytes = try FileContent.read(path)
        let content: Content
        do {
            content = try JSONDecoder().decode(Content.self, from: Data(bytes))
        } catch {
            throw Failure(.badData, "\(source): \(JSONReading.reason(error))")
        }
        let numbers = Dictionary(
            uniqueKeysWithValues: (0..<graph.edgeCount).map { (graph.name(ofEdge: $0), $0) })
        var inCircuit = [Bool](repeating: false, count: graph.edgeCount)
        for entry in content.edges where entry.inCircuit {
            guard let edge = numbers[entry.edge] else {
                throw Failure(
                    .badData,
                    "\(source): the graph of \(graph.nLayers) layers of \(graph.nHeads) heads has no "
                        + "edge '\(entry.edge.prefix(80))'; edges are named as in 'm0->a1.h0<q>'")
            }
            inCircuit[edge] = true
        }
        return try CircuitArtifact(
            model: model, graph: graph.table, inCircuit: inCircuit,
            nodeInCircuit: GraphTopology(graph.table).nodes(of: inCircuit), method: "known",
            metric: "")
    }
}
