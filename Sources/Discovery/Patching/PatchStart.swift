import Engine
import Models

/// Where the copies of prompts start in which a component is patched, and from what.
struct PatchStart: Hashable, Sendable {
    /// The layer; the number of layers for the final stream.
    let layer: Int
    private let entry: Continuation.Entry
    /// The activations whose sum the stream is that they start with, added up as the model does it.
    let terms: [HookPoint]
    /// What is patched on the way; nil where it is one of `terms`.
    private let edit: HookPoint.BlockPoint?

    /// The latest start from which the patch can be made.
    init(_ component: PatchComponent, in configuration: ModelConfiguration) {
        let layer = max(0, component.layer)
        let isParallel = configuration.parallelAttentionMLP
        func stream(_ points: HookPoint.BlockPoint...) -> [HookPoint] {
            points.map { .block(layer, $0) }
        }
        guard case .block(_, let point) = component.point else {
            preconditionFailure("\(component.point.name) is no activation of a layer")
        }
        switch point {
        case .residualPre:
            self.init(layer, .attention, stream(.residualPre))
        case .residualMid:
            self.init(layer, .mlp, stream(.residualMid))
        case .residualPost:
            self.init(layer + 1, .attention, stream(.residualPost))
        case .attentionOut where isParallel:
            self.init(layer + 1, .attention, stream(.residualPre, .attentionOut, .mlpOut))
        case .attentionOut:
            self.init(layer, .mlp, stream(.residualPre, .attentionOut))
        case .mlpOut where isParallel:
            self.init(layer + 1, .attention, stream(.residualPre, .attentionOut, .mlpOut))
        case .mlpOut:
            self.init(layer + 1, .attention, stream(.residualMid, .mlpOut))
        default:
            self.init(layer, .attention, stream(.residualPre), edit: point)
        }
    }

    private init(
        _ layer: Int, _ entry: Continuation.Entry, _ terms: [HookPoint],
        edit: HookPoint.BlockPoint? = nil
    ) {
        self.layer = layer
        self.entry = entry
        self.terms = terms
        self.edit = edit
    }

    /// A copy of a pair's prompt that is patched from a position on.
    func copy(of pair: Int, from first: Int) -> Continuation {
        Continuation(prompt: pair, layer: layer, entry: entry, first: first, edit: edit)
    }
}
