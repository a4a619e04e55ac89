package import Engine
package import Graphs

/// A constant for every sender, in the form of `SenderOutputs`: what replaces its
/// output under optimal ablation, at every position of every pair.
package struct SenderConstants: Hashable, Sendable {
    /// The values of all senders one after the other, `[sender, width]`: d_head for a head, d_model
    /// for the rest.
    package let values: [Float]
    /// The graph whose senders they are.
    package let graph: ComputationalGraph
    let dHead: Int

    /// Constants from their values, `[sender, width]`.
    package init(_ values: [Float], graph: ComputationalGraph, dHead: Int) {
        self.values = values
        self.graph = graph
        self.dHead = dHead
    }

    /// Where a sender's values are.
    static func range(of sender: Node, in graph: ComputationalGraph, dHead: Int) -> Range<Int> {
        let ofLayer = graph.nHeads * dHead + graph.dModel
        let (start, width) =
            switch sender {
            case .input, .logits: (0, graph.dModel)
            case .head(let layer, let head): (graph.dModel + layer * ofLayer + head * dHead, dHead)
            case .mlp(let layer): ((layer + 1) * ofLayer, graph.dModel)
            }
        return start..<start + width
    }

    /// The constant at a hook point, `[width]`: the stream before the first layer, z of a layer's
    /// heads, or an MLP's output; nil elsewhere.
    func constant(at point: HookPoint) -> ArraySlice<Float>? {
        switch point {
        case .block(0, .residualPre):
            return values[Self.range(of: .input, in: graph, dHead: dHead)]
        case .block(let layer, .z):
            let first = Self.range(of: .head(layer: layer, head: 0), in: graph, dHead: dHead)
            return values[first.lowerBound..<first.lowerBound + graph.nHeads * dHead]
        case .block(let layer, .mlpOut):
            return values[Self.range(of: .mlp(layer: layer), in: graph, dHead: dHead)]
        default: return nil
        }
    }

    /// The constants in every row.
    package func outputs(_ layout: RowLayout) -> SenderOutputs {
        func rows(_ point: HookPoint) -> FloatBuffer {
            (constant(at: point) ?? []).repeated(layout.rowCount)
        }
        let layers = 0..<graph.nLayers
        return SenderOutputs(
            layout: layout, input: rows(.block(0, .residualPre)),
            z: layers.map { rows(.block($0, .z)) }, mlp: layers.map { rows(.block($0, .mlpOut)) })
    }
}

extension ArraySlice<Float> {
    /// `[row, width]` of equal rows.
    func repeated(_ rows: Int) -> FloatBuffer {
        let buffer = FloatBuffer(count: rows * count)
        withUnsafeBufferPointer { source in
            guard let first = source.baseAddress else { return }
            for row in 0..<rows {
                (buffer.values + row * count).update(from: first, count: count)
            }
        }
        return buffer
    }
}
