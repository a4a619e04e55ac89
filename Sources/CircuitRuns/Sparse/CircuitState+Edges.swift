import Engine
import Graphs
import Models

/// Which edges are in the current circuit, and where what they carry is read.
extension CircuitState {
    /// Where the edges into a receiver are in `present`.
    func places(of receiver: Int) -> Range<Int> {
        let edges = graph.edges(into: receiver)
        let perEdge = positionCount ?? 1
        return edges.lowerBound * perEdge..<edges.upperBound * perEdge
    }

    /// The edges into a receiver that are in the circuit.
    package func edges(into receiver: Int) -> InputEdges {
        InputEdges(Array(present[places(of: receiver)]), positionCount: positionCount)
    }

    /// Whether a receiver that was visited gets no edge of the circuit; by position, at any of some.
    package func isEmpty(_ receiver: Int, at positions: Range<Int>?) -> Bool {
        guard let kept = keptSenders[receiver] else { return false }
        guard let positionCount, let positions else { return kept.isEmpty }
        return kept.allSatisfy { sender in
            let first = (graph.edgeStart[receiver] + sender) * positionCount
            return positions.allSatisfy { !present[first + $0] }
        }
    }

    /// The rows at which each sender matters to the metric; nil where it doesn't matter at all.
    package var needs: [ActiveRows.Extent?] {
        guard let neededPositions else { return graph.needs(present: present) }
        return neededPositions.map { positions in
            if !positions.contains(true) { return nil }
            let isLocal = rows.positions.allSatisfy { active in
                !positions[..<(active.upperBound - 1)].contains(true)
            }
            return isLocal ? .end : .all
        }
    }

    /// The positions at which each sender matters, `[sender][position]`; nil where positions aren't
    /// apart.
    package var neededPositions: [[Bool]]? {
        positionCount.map {
            graph.neededPositions(
                present: present, positionCount: $0,
                isCausal: transformer.configuration.isCausal)
        }
    }
}
