import Engine
import Graphs

/// Sums over some of the rows, where edges are there at some positions only.
extension PlanRunner {
    /// The position of the first row of an extent of a pair.
    private func firstPosition(_ extent: Extent, _ pair: Int) -> Int {
        rows.context.length(pair) - rows.layout(extent).length(pair)
    }

    /// Adds a sender's change, which is held at the rows of `source`, to some of the stacked rows of
    /// an extent. Rows at which it isn't held don't matter.
    func add(
        _ change: Floats, of sender: Int, _ source: Extent, to x: Floats, width: Int,
        _ extent: Extent, at choice: RowChoice
    ) {
        let ownWidth = state.currentOutput(of: sender).width
        let mark = workspace.mark
        let gathered = workspace.take(count(extent) * ownWidth)
        var target = gathered
        forEachRow(of: extent, source, at: choice) { _, row in
            target.update(from: change + row * ownWidth, count: ownWidth)
            target += ownWidth
        }
        scatter(
            gathered, of: sender, count: (target - gathered) / ownWidth, to: x, width: width,
            scale: 1
        ) { receive in forEachRow(of: extent, source, at: choice) { row, _ in receive(row) } }
        workspace.reset(to: mark)
    }

    /// Calls `body` with the numbers, among the stacked rows of `extent` and of `source`, of each chosen
    /// row that both have.
    private func forEachRow(
        of extent: Extent, _ source: Extent, at choice: RowChoice,
        _ body: (_ row: Int, _ sourceRow: Int) -> Void
    ) {
        for pair in pairs {
            let (length, sourceLength) = (
                rows.layout(extent).length(pair), rows.layout(source).length(pair)
            )
            let shared = min(length, sourceLength)
            let position = rows.context.length(pair) - shared
            for variant in 0..<variants {
                let row = start(extent, pair) + (variant + 1) * length - shared
                let sourceRow = start(source, pair) + (variant + 1) * sourceLength - shared
                for index in 0..<shared where choice.contains(position + index) {
                    body(row + index, sourceRow + index)
                }
            }
        }
    }

    /// Adds a sender's current minus ablated output, times `scale`, to some of one variant's rows of
    /// `width` values.
    func addDifference(
        of sender: Int, to x: Floats, width: Int, _ extent: Extent, at choice: RowChoice,
        scale: Float
    ) {
        let (current, stride, ownWidth) = state.currentOutput(of: sender)
        let (ablated, ablatedStride, _) = state.ablatedOutput(of: sender)
        let mark = workspace.mark
        let difference = workspace.take(rows.count(extent, pairs) * ownWidth)
        var target = difference
        forEachOwnRow(of: extent, at: choice) { _, row in
            target.update(
                from: current + row * stride, minus: ablated + row * ablatedStride,
                count: ownWidth)
            target += ownWidth
        }
        scatter(
            difference, of: sender, count: (target - difference) / ownWidth, to: x, width: width,
            scale: scale
        ) { receive in forEachOwnRow(of: extent, at: choice) { row, _ in receive(row) } }
        workspace.reset(to: mark)
    }

    /// Calls `body` with the number of each chosen row of an extent among one variant's, and among all
    /// context rows.
    private func forEachOwnRow(
        of extent: Extent, at choice: RowChoice, _ body: (_ row: Int, _ contextRow: Int) -> Void
    ) {
        let starts = rows.layout(extent).starts
        for pair in pairs {
            let position = firstPosition(extent, pair)
            let row = starts[pair] - starts[pairs.lowerBound]
            let context = rows.firstContextRow(extent, pair)
            for index in 0..<rows.layout(extent).length(pair)
            where choice.contains(position + index) {
                body(row + index, context + index)
            }
        }
    }

    /// Adds what compact rows of a sender are in the residual stream, times `scale`, to rows of x.
    /// - Parameter forEachTarget: calls with the number of each row's target, in order.
    private func scatter(
        _ compact: Floats, of sender: Int, count: Int, to x: Floats, width: Int, scale: Float,
        _ forEachTarget: ((Int) -> Void) -> Void
    ) {
        guard count > 0 else { return }
        var source = compact
        var offset = 0
        if case .head(let layer, let head) = graph.senders[sender] {
            source = workspace.take(count * dModel)
            offset = state.parts.offset(ofHeadsIn: layer)
            transformer.layers[layer].attention.outputWeight(ofHead: head).apply(
                compact, stride: dHead, to: source, stride: dModel, rows: count)
        }
        let dModel = dModel
        forEachTarget { row in
            (x + row * width + offset).add(source, times: scale, count: dModel)
            source += dModel
        }
    }

    /// A sender's change with zeros in the rows at which its edge into a receiver isn't there.
    func masked(_ change: Floats, of sender: Int, into receiver: Int, _ extent: Extent) -> Floats {
        let choice = state.rows(of: sender, into: receiver)
        if case .all? = choice { return change }
        let width = state.currentOutput(of: sender).width
        let result = workspace.take(count(extent) * width)
        result.update(repeating: 0, count: count(extent) * width)
        guard let choice else { return result }
        forEachRow(of: extent, extent, at: choice) { row, _ in
            (result + row * width).update(from: change + row * width, count: width)
        }
        return result
    }

    /// Copies some pairs' rows of an extent, at most that of the source, which has all pairs.
    /// - Parameter width: the values of a row.
    func copy(
        _ wanted: Extent, from source: UnsafePointer<Float>, _ extent: Extent, to x: Floats,
        width: Int
    ) {
        let layout = state.rows.layout(extent)
        var target = x
        for pair in pairs {
            let length = rows.layout(wanted).length(pair)
            target.update(
                from: source + (layout.starts[pair + 1] - length) * width, count: length * width)
            target += length * width
        }
    }
}

extension CircuitState {
    /// The rows at which an edge is in the circuit; nil for none. A receiver that wasn't visited has
    /// all its edges.
    func rows(of sender: Int, into receiver: Int) -> RowChoice? {
        guard let positionCount else { return .all }
        let first = (graph.edgeStart[receiver] + sender) * positionCount
        let count = present[first..<first + positionCount].count { $0 }
        if count == positionCount { return .all }
        return count == 0 ? nil : .flagged(present, offset: first, wanted: true)
    }
}
