import Engine
import Graphs
import Models

extension ComputationalGraph {
    /// The rows at which a receiver's input matters, given those at which senders do; nil for none.
    func extent(of receiver: Int, _ needs: [ActiveRows.Extent?]) -> ActiveRows.Extent? {
        let extents = senders(fedBy: receiver).compactMap { needs[$0] }
        return switch receivers[receiver] {
        case .logits: .end
        case .mlp, .head(_, _, .query), .group(_, _, .query): extents.max()
        // A position's output depends on the keys and values of all positions before it.
        case .head, .group: extents.isEmpty ? nil : .all
        }
    }
}

extension CircuitState {
    /// The positions at which what some receivers make is read; nil where positions aren't apart.
    func livePositions(of receivers: [Int]) -> [Bool]? {
        guard let positionCount, let neededPositions else { return nil }
        var live = [Bool](repeating: false, count: positionCount)
        for receiver in receivers {
            if receiver == graph.logitsReceiver {
                for pair in rows.positions { live[pair.upperBound - 1] = true }
            }
            for sender in graph.senders(fedBy: receiver) {
                let needed = neededPositions[sender]
                guard let last = needed.lastIndex(of: true) else { continue }
                for position in live.indices where needed[position] { live[position] = true }
                if graph.receivers[receiver].isReadFromLaterPositions {
                    let end = transformer.configuration.isCausal ? last : positionCount - 1
                    for position in 0...end { live[position] = true }
                }
            }
        }
        return live
    }
}
