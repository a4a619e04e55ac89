import Engine
import Graphs
import Models

/// Current minus ablated outputs of some senders as the residual stream has them, at the rows of all
/// pairs: what cutting their edges takes away of any receiver's input.
///
/// The units of a wave have few pairs each, beside many variants: there, the output projection of every
/// head that is cut would be a product of a few rows. Here it is one of many, once for all units.
struct KnownDifferences: Sendable {
    /// The rows that are held.
    let extent: ActiveRows.Extent
    /// `[sender, row of extent, d_model]`
    private let values: FloatBuffer
    /// Values of a sender.
    private let size: Int
    private let numbers: [Int: Int]

    /// How many rows go together through a head's output projection.
    private static let rowsOfPiece = 64

    /// Computes them, spread over threads. Those computed before are lost.
    init(
        of senders: [Int], _ extent: ActiveRows.Extent, in state: CircuitState,
        _ scratch: ScratchPool
    ) {
        let (layout, dModel) = (state.rows.layout(extent), state.parts.dModel)
        let size = layout.rowCount * dModel
        let senders = Array(Set(senders))
        let values = state.roomForDifferences(senders.count * size)
        let pieces = layout.pieces(ofAtMost: Self.rowsOfPiece)
        state.transformer.pool.run(senders.count * pieces.count) { worker, index in
            let (number, pairs) = (index / pieces.count, pieces[index % pieces.count])
            let target = values.values + number * size + layout.starts[pairs.lowerBound] * dModel
            scratch.withWorkspace(of: worker) {
                state.writeDifference(of: senders[number], extent, pairs: pairs, to: target, $0)
            }
        }
        self.extent = extent
        self.values = values
        self.size = size
        numbers = Dictionary(uniqueKeysWithValues: senders.enumerated().map { ($1, $0) })
    }

    /// Those of a sender, `[row of extent, d_model]`; nil if they aren't known at these rows.
    func values(of sender: Int, _ extent: ActiveRows.Extent) -> UnsafePointer<Float>? {
        guard extent == self.extent, let number = numbers[sender] else { return nil }
        return UnsafePointer(values.values + number * size)
    }
}

extension CircuitState {
    /// Writes a sender's current minus ablated output as the residual stream has it, at the rows of
    /// some pairs, `[row of extent, d_model]`.
    fileprivate func writeDifference(
        of sender: Int, _ extent: ActiveRows.Extent, pairs: Range<Int>,
        to target: UnsafeMutablePointer<Float>, _ workspace: Workspace
    ) {
        guard case .head(let layer, let head) = graph.senders[sender] else {
            return subtractAblated(of: sender, extent, pairs: pairs, to: target)
        }
        let (count, width) = (rows.count(extent, pairs), transformer.configuration.dHead)
        let difference = workspace.take(count * width)
        subtractAblated(of: sender, extent, pairs: pairs, to: difference)
        transformer.layers[layer].attention.outputWeight(ofHead: head).apply(
            difference, stride: width, to: target, stride: parts.dModel, rows: count)
    }

    /// Writes a sender's current minus ablated output at the rows of some pairs, `[row of extent,
    /// width]`.
    func subtractAblated(
        of sender: Int, _ extent: ActiveRows.Extent, pairs: Range<Int>,
        in chosen: ActiveRows? = nil, to target: UnsafeMutablePointer<Float>
    ) {
        let rows = chosen ?? rows
        let (current, stride, width) = currentOutput(of: sender)
        let (ablated, ablatedStride, _) = ablatedOutput(of: sender)
        var target = target
        for pair in pairs {
            let first = rows.firstContextRow(extent, pair)
            for row in first..<first + rows.layout(extent).length(pair) {
                target.update(
                    from: current + row * stride, minus: ablated + row * ablatedStride,
                    count: width)
                target += width
            }
        }
    }

    /// Where in a row of the stream a sender's output is added.
    func offset(of sender: Int) -> Int {
        guard case .head(let layer, _) = graph.senders[sender] else { return 0 }
        return parts.offset(ofHeadsIn: layer)
    }

    /// Memory for known differences, lent until it is asked for again.
    fileprivate func roomForDifferences(_ count: Int) -> FloatBuffer {
        if differenceRoom.count < count { differenceRoom = FloatBuffer(count: count) }
        return differenceRoom
    }
}
