internal import CKernels
internal import Engine
internal import Models

/// The activations of the current circuit, held so that only what changes is computed again.
///
/// A receiver's input is the ablated stream plus, for each edge in the circuit, the difference
/// between its sender's current and ablated output. Receivers before the one under test still have
/// all their edges, so everything up to there is the clean run. Threads read the state together and
/// write, in `commit`, the rows of different pairs.
final class CircuitState: @unchecked Sendable {
    /// The input of a receiver that was visited, at the rows that mattered then.
    struct StoredInput {
        let extent: ActiveRows.Extent
        /// `[row of extent, d_model]`
        let values: FloatBuffer
    }

    /// Queries, keys and values of one layer as the current circuit has them, after rotation.
    struct Attention {
        /// `[head, active row, d_head]`
        let q: FloatBuffer
        /// `[key receiver, context row, d_head]`
        let k: FloatBuffer
        /// `[key receiver, context row, d_head]`
        let v: FloatBuffer
    }

    let graph: ComputationalGraph
    let transformer: Transformer
    let metric: MetricEvaluator
    let rows: ActiveRows

    /// Which edges are in the circuit.
    private(set) var present: [Bool]
    /// The senders of each visited receiver's edges in the circuit, ascending.
    private(set) var keptSenders: [[Int]?]

    /// Ablated outputs at the active rows.
    let ablated: SenderOutputs
    /// Current minus ablated outputs at the active rows.
    let difference: SenderOutputs
    /// The stream with every edge cut, at the active rows.
    let ablatedStreams: ResidualStreams
    /// The stream of the clean run, at the context rows.
    let cleanStreams: ResidualStreams
    var storedInputs: [StoredInput?]
    /// Packed weights, as much of them as an eighth of the model's.
    let packedWeights: PackedWeightCache
    private(set) var attention: [Attention?]

    /// The whole graph on the clean run.
    init(
        graph: ComputationalGraph, transformer: Transformer, metric: MetricEvaluator,
        clean: SenderOutputs, ablated: SenderOutputs, rows: ActiveRows
    ) {
        self.graph = graph
        self.transformer = transformer
        self.metric = metric
        self.rows = rows
        self.ablated = ablated.rows(rows.positions)
        difference = clean.rows(rows.positions).subtracting(self.ablated)
        ablatedStreams = ResidualStreams(self.ablated, transformer: transformer)
        cleanStreams = ResidualStreams(clean, transformer: transformer)
        let configuration = transformer.configuration
        packedWeights = PackedWeightCache(
            most: configuration.nLayers * configuration.dModel
                * (4 * configuration.dModel + 3 * configuration.dMLP) / 8)
        present = Array(repeating: true, count: graph.edgeCount)
        keptSenders = Array(repeating: nil, count: graph.receivers.count)
        storedInputs = Array(repeating: nil, count: graph.receivers.count)
        attention = Array(repeating: nil, count: graph.nLayers)
    }

    /// Cuts edges into a receiver and marks it as visited.
    func settle(_ receiver: Int, cutting senders: some Sequence<Int>) {
        let start = graph.edgeStart[receiver]
        for sender in senders { present[start + sender] = false }
        keptSenders[receiver] = (0..<graph.senderCount(of: receiver)).filter { present[start + $0] }
    }

    /// Makes these the edges of the circuit, whatever they were; every receiver counts as visited.
    func settleEverything(in inCircuit: [Bool]) {
        present = inCircuit
        for receiver in graph.receivers.indices {
            let start = graph.edgeStart[receiver]
            keptSenders[receiver] = (0..<graph.senderCount(of: receiver)).filter {
                inCircuit[start + $0]
            }
        }
    }

    /// Cuts all edges out of a sender; returns the visited receivers that lost one.
    func cutOutputs(of sender: Int) -> [Int] {
        var changed: [Int] = []
        for receiver in graph.receivers.indices {
            guard let edge = graph.edge(from: sender, to: receiver), present[edge] else { continue }
            present[edge] = false
            keptSenders[receiver]?.removeAll { $0 == sender }
            changed.append(receiver)
        }
        return changed
    }

    /// Makes the queries, keys and values of a layer ready: those of the clean run.
    func enter(layer index: Int) {
        guard attention[index] == nil else { return }
        let configuration = transformer.configuration
        let layer = transformer.layers[index]
        let (dModel, width) = (configuration.dModel, configuration.dHead)
        let (heads, groups) = (configuration.nHeads, configuration.nKeyValueHeads)
        let keyReceivers = graph.keyReceiverCount
        let (context, active) = (rows.context, rows.all)
        let state = Attention(
            q: FloatBuffer(count: heads * active.rowCount * width),
            k: FloatBuffer(count: keyReceivers * context.rowCount * width),
            v: FloatBuffer(count: keyReceivers * context.rowCount * width))
        let stream = cleanStreams.places[2 * index]
        let rows = self.rows
        transformer.pool.run(rows.pieces.count) { _, piece in
            let pairs = rows.pieces[piece]
            let first = context.starts[pairs.lowerBound]
            let count = context.starts[pairs.upperBound] - first
            let normalized = FloatBuffer(count: count * dModel)
            layer.attentionNorm.apply(
                stream.values + first * dModel, to: normalized.values, rows: count)
            let positions = Buffer<Int32>(pairs.flatMap { 0..<Int32(context.length($0)) })
            func project(_ weights: Affine, _ heads: Int, rotated: Bool) -> FloatBuffer {
                let result = FloatBuffer(count: count * heads * width)
                weights.apply(
                    normalized.values, stride: dModel, to: result.values, stride: heads * width,
                    rows: count)
                if rotated {
                    self.transformer.rotation?.apply(
                        to: result.values, rows: count, stride: heads * width, heads: heads,
                        headWidth: width, positions: positions.values, period: count)
                }
                return result
            }
            let q = project(layer.attention.query, heads, rotated: true)
            let k = project(layer.attention.key, groups, rotated: true)
            let v = project(layer.attention.value, groups, rotated: false)
            for pair in pairs {
                let start = context.starts[pair] - first
                for (offset, position) in rows.positions[pair].enumerated() {
                    let row = active.starts[pair] + offset
                    for head in 0..<heads {
                        (state.q.values + (head * active.rowCount + row) * width).update(
                            from: q.values + ((start + position) * heads + head) * width,
                            count: width)
                    }
                }
                for row in context.rows(pair) {
                    for receiver in 0..<keyReceivers {
                        let group = receiver * groups / keyReceivers
                        let source = ((row - first) * groups + group) * width
                        let target = (receiver * context.rowCount + row) * width
                        (state.k.values + target).update(from: k.values + source, count: width)
                        (state.v.values + target).update(from: v.values + source, count: width)
                    }
                }
            }
        }
        attention[index] = state
    }

    /// A sender's current minus its ablated output, in compact form: values, their distance from
    /// row to row, and the width of a row.
    func difference(of sender: Int) -> (
        values: UnsafeMutablePointer<Float>, stride: Int, width: Int
    ) {
        difference.compact(graph.senders[sender], dHead: transformer.configuration.dHead)
    }

    /// A sender's ablated output in the same form.
    func ablatedOutput(of sender: Int) -> UnsafeMutablePointer<Float> {
        ablated.compact(graph.senders[sender], dHead: transformer.configuration.dHead).values
    }
}

extension SenderOutputs {
    /// Where the rows of one sender are: first value, distance between rows, values a row.
    func compact(
        _ sender: Node, dHead: Int
    ) -> (values: UnsafeMutablePointer<Float>, stride: Int, width: Int) {
        switch sender {
        case .head(let layer, let head):
            let stride = z[layer].count / max(1, layout.rowCount)
            return (z[layer].values + head * dHead, stride, dHead)
        case .mlp(let layer):
            let width = mlp[layer].count / max(1, layout.rowCount)
            return (mlp[layer].values, width, width)
        case .input, .logits:
            let width = input.count / max(1, layout.rowCount)
            return (input.values, width, width)
        }
    }

    /// These outputs minus `other`, array by array.
    func subtracting(_ other: SenderOutputs) -> SenderOutputs {
        func difference(_ a: FloatBuffer, _ b: FloatBuffer) -> FloatBuffer {
            let result = FloatBuffer(count: a.count)
            ckernels_difference(result.values, a.values, b.values, a.count)
            return result
        }
        return SenderOutputs(
            layout: layout, input: difference(input, other.input),
            z: zip(z, other.z).map(difference), mlp: zip(mlp, other.mlp).map(difference))
    }
}
