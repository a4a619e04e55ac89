package import Graphs

/// What has to be computed again when the input of one receiver changes: the nodes of the current
/// circuit that it reaches, in order of computation, each at the positions that still matter.
package struct EvaluationPlan: Sendable {
    /// All active rows of a pair, or only its last.
    package typealias Extent = ActiveRows.Extent

    /// A receiver whose input changes.
    package struct Input: Sendable {
        /// Its number in the graph.
        package let receiver: Int
        /// The rows at which it is computed.
        package let extent: Extent
        /// The senders in the circuit that change it; of the tested receiver itself, none.
        package let senders: [Int]
    }

    /// A head that is computed again.
    package struct Head: Sendable {
        /// Its number in its layer.
        package let head: Int
        /// The rows at which its output changes.
        package let extent: Extent
        /// Which of the layer's projections its changed queries are; nil where they stay as they are.
        package let query: Int?
        /// The same of its keys.
        package let key: Int?
        /// The same of its values.
        package let value: Int?
    }

    /// The part of the plan in one layer.
    package struct Layer: Sendable {
        /// Which layer.
        package let layer: Int
        /// Changed inputs of heads.
        package var projections: [Input] = []
        /// The heads whose output changes.
        package var heads: [Head] = []
        /// The input of the MLP; nil where it stays as it is.
        package var mlp: Input?

        /// Whether nothing in the layer is computed again.
        package var isEmpty: Bool { heads.isEmpty && mlp == nil }
    }

    /// The receivers whose edges are tested, which read the same stream; none if everything is
    /// computed.
    package let tested: [Int]
    private let computesEverything: Bool
    /// Layers with anything to compute, first to last.
    package private(set) var layers: [Layer] = []
    /// The final input; nil if nothing that changes reaches it.
    package private(set) var logits: Input?
    /// The rows at which each changed sender is computed; nil for senders that don't change.
    package private(set) var extentOfSender: [Extent?]

    /// Plans the evaluation of a changed input of `tested`.
    /// - Parameters:
    ///   - tested: receivers of one layer that read the same stream.
    ///   - needs: the rows at which each sender matters, nil where it doesn't at all.
    ///   - keptSenders: the senders of each receiver's edges in the circuit; nil where the receiver
    ///     comes before the tested one.
    package init(
        of tested: [Int], in graph: ComputationalGraph, needs: [Extent?], keptSenders: [[Int]?]
    ) {
        self.tested = tested
        computesEverything = false
        extentOfSender = Array(repeating: nil, count: graph.senders.count)
        let first = tested.first.flatMap { graph.receivers[$0].layer } ?? graph.nLayers
        for layer in first..<max(first, graph.nLayers) {
            planLayer(layer, graph, needs, keptSenders)
        }
        logits = input(graph.logitsReceiver, .end, keptSenders)
    }

    /// Plans the evaluation of every node that matters, from the input on.
    package init(ofEverythingIn graph: ComputationalGraph, needs: [Extent?], keptSenders: [[Int]?])
    {
        tested = []
        computesEverything = true
        extentOfSender = Array(repeating: nil, count: graph.senders.count)
        for layer in 0..<graph.nLayers { planLayer(layer, graph, needs, keptSenders) }
        logits = input(graph.logitsReceiver, .end, keptSenders)
    }

    /// Whether a receiver's edges are tested.
    func tests(_ receiver: Int) -> Bool { tested.contains(receiver) }

    /// The receiver as an input to compute again, if it changes.
    private func input(_ receiver: Int, _ extent: Extent, _ keptSenders: [[Int]?]) -> Input? {
        if computesEverything {
            return Input(receiver: receiver, extent: extent, senders: keptSenders[receiver] ?? [])
        }
        if tests(receiver) { return Input(receiver: receiver, extent: extent, senders: []) }
        let changed = (keptSenders[receiver] ?? []).filter { extentOfSender[$0] != nil }
        return changed.isEmpty
            ? nil : Input(receiver: receiver, extent: extent, senders: changed)
    }

    private mutating func planLayer(
        _ index: Int, _ graph: ComputationalGraph, _ needs: [Extent?], _ keptSenders: [[Int]?]
    ) {
        var layer = Layer(layer: index)
        var numberOfReceiver: [Int: Int] = [:]
        func project(_ head: Int, _ kind: AttentionInput, _ extent: Extent) -> Int? {
            let receiver = graph.receiver(layer: index, head: head, kind)
            if let number = numberOfReceiver[receiver] { return number }
            guard let input = input(receiver, extent, keptSenders) else { return nil }
            layer.projections.append(input)
            numberOfReceiver[receiver] = layer.projections.count - 1
            return layer.projections.count - 1
        }
        var changed: [(sender: Int, extent: Extent)] = []
        for head in 0..<graph.nHeads {
            let sender = graph.sender(layer: index, head: head)
            guard let extent = needs[sender] else { continue }
            let query = project(head, .query, extent)
            let key = project(head, .key, .all)
            let value = project(head, .value, .all)
            if query == nil, key == nil, value == nil { continue }
            layer.heads.append(
                Head(head: head, extent: extent, query: query, key: key, value: value))
            changed.append((sender, extent))
        }
        for (sender, extent) in changed { extentOfSender[sender] = extent }
        let mlp = graph.sender(mlp: index)
        if graph.hasMLP, let extent = needs[mlp],
            let input = input(graph.receiver(mlp: index), extent, keptSenders)
        {
            layer.mlp = input
            extentOfSender[mlp] = extent
        }
        if !layer.isEmpty { layers.append(layer) }
    }

    /// Every receiver whose input is computed.
    package var inputs: [Input] {
        layers.flatMap { layer in layer.projections + (layer.mlp.map { [$0] } ?? []) }
            + (logits.map { [$0] } ?? [])
    }

    /// The largest extent of anything in the plan.
    package var widestExtent: Extent {
        let projections = layers.flatMap(\.projections).map(\.extent)
        let senders = extentOfSender.compactMap { $0 }
        return (projections + senders).max() ?? .end
    }

    /// Number of nodes that are computed again for each candidate, `logits` included.
    package var nodeCount: Int {
        layers.reduce(logits == nil ? 0 : 1) {
            $0 + $1.heads.count + ($1.mlp == nil ? 0 : 1)
        }
    }
}
