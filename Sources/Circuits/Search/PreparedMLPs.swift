internal import Engine
internal import Models

/// The MLPs of a plan, made ready to be evaluated for many variants: with packed weights, and those
/// that only heads change with the short way through their input projection.
struct PreparedMLPs: Sendable {
    /// How one MLP is evaluated.
    struct MLP: Sendable {
        let packed: PackedFeedForward
        /// How its hidden layer follows from the heads that change it; nil if more than heads do.
        let headFed: HeadFedMLP?
    }

    private var ofLayer: [MLP?]

    /// The MLP of a layer, if it is ready.
    subscript(layer: Int) -> MLP? { ofLayer[layer] }

    /// Prepares the MLPs of a plan in the current state.
    init(of plan: EvaluationPlan, in state: CircuitState, weights: PackedWeightCache) {
        ofLayer = Array(repeating: nil, count: state.graph.nLayers)
        weights.startPlan()
        // Those computed at all rows first: room for packed weights is limited.
        for extent in [ActiveRows.Extent.all, .end] {
            for layer in plan.layers {
                guard let input = layer.mlp, input.extent == extent else { continue }
                ofLayer[layer.layer] = Self.prepare(layer.layer, input, plan, state, weights)
            }
        }
    }

    private static func prepare(
        _ layer: Int, _ input: EvaluationPlan.Input, _ plan: EvaluationPlan,
        _ state: CircuitState, _ cache: PackedWeightCache
    ) -> MLP? {
        let mlp = state.transformer.layers[layer].mlp
        let weights = mlp.weights
        let heads = input.senders.compactMap { sender -> (sender: Int, layer: Int, head: Int)? in
            guard case .head(let layer, let head) = state.graph.senders[sender] else { return nil }
            return (sender, layer, head)
        }
        let configuration = state.transformer.configuration
        let isShorter = 2 * heads.count * configuration.dHead < configuration.dModel
        if input.receiver != plan.tested, heads.count == input.senders.count, isShorter,
            input.extent == .all, let current = state.storedInputs[input.receiver]
        {
            guard let output = cache.packed(.output, of: layer, weights.output.weight) else {
                return nil
            }
            return MLP(
                packed: PackedFeedForward(mlp, output: output),
                headFed: HeadFedMLP(
                    layer: layer, current: current.values, heads: heads,
                    transformer: state.transformer))
        }
        guard let output = cache.packed(.output, of: layer, weights.output.weight),
            let linear = cache.packed(.input, of: layer, weights.input.weight)
        else { return nil }
        var gate: PackedWeight?
        if let plain = weights.gate?.weight {
            gate = cache.packed(.gate, of: layer, plain)
            if gate == nil { return nil }
        }
        return MLP(
            packed: PackedFeedForward(mlp, gate: gate, input: linear, output: output), headFed: nil)
    }
}

/// Packed weights of MLPs, kept from one plan to the next within a bound on their memory.
final class PackedWeightCache {
    /// A projection of an MLP.
    enum Part: Hashable { case gate, input, output }
    private struct Key: Hashable {
        let layer: Int
        let part: Part
    }

    private var weights: [Key: PackedWeight] = [:]
    private var inUse: Set<Key> = []
    private let most: Int

    /// A cache that holds `most` values at most.
    init(most: Int) { self.most = most }

    /// What is held from now on may go unless it is asked for again.
    func startPlan() { inUse = [] }

    /// The packed weights of a layer; nil if there is no room for them.
    func packed(_ part: Part, of layer: Int, _ weight: Weight) -> PackedWeight? {
        let key = Key(layer: layer, part: part)
        if let held = weights[key] {
            inUse.insert(key)
            return held
        }
        var held = weights.values.reduce(0) { $0 + $1.valueCount }
        let needed = PackedWeight.valueCount(of: weight)
        for other in weights.keys where held + needed > most && !inUse.contains(other) {
            held -= weights.removeValue(forKey: other)?.valueCount ?? 0
        }
        guard held + needed <= most else { return nil }
        let result = PackedWeight(weight)
        weights[key] = result
        inUse.insert(key)
        return result
    }
}
