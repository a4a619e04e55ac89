package import Basics
package import Engine
import Graphs
package import Models

/// The role of the activations that are patched.
package enum PatchSite: String, Hashable, Sendable, CaseIterable, NamedChoice {
    /// The residual stream before each layer.
    case residualPre = "resid_pre"
    /// The residual stream between attention and MLP.
    case residualMid = "resid_mid"
    /// The residual stream after each layer.
    case residualPost = "resid_post"
    /// What attention adds to the stream.
    case attentionOut = "attn_out"
    /// What the MLP adds to the stream.
    case mlpOut = "mlp_out"
    /// Each head's output.
    case z
    /// Each head's queries.
    case query = "q"
    /// The keys of each head, or of each group of heads that shares them.
    case key = "k"
    /// The values of each head, or of each group of heads that shares them.
    case value = "v"
    /// Each head's attention pattern.
    case pattern
    /// Every node of the computational graph: `input`, heads and MLPs.
    case nodes

    package static var noun: String { "site" }

    /// The site of this name, or with this TransformerLens hook name (`hook_resid_pre`,
    /// `attn.hook_z`); nil if there is none.
    package init?(name: String) {
        let site = Self.allCases.first { $0.rawValue == name || $0.blockPoint?.rawValue == name }
        guard let site else { return nil }
        self = site
    }

    /// Whether it is usually patched position by position: the classic layer x position heat map.
    package var isPerPosition: Bool {
        switch self {
        case .residualPre, .residualMid, .residualPost, .attentionOut, .mlpOut: true
        case .z, .query, .key, .value, .pattern, .nodes: false
        }
    }

    /// What artifacts call it.
    package var artifactName: String { self == .nodes ? "mixed" : rawValue }

    private var blockPoint: HookPoint.BlockPoint? {
        switch self {
        case .residualPre: .residualPre
        case .residualMid: .residualMid
        case .residualPost: .residualPost
        case .attentionOut: .attentionOut
        case .mlpOut: .mlpOut
        case .z: .z
        case .query: .query
        case .key: .key
        case .value: .value
        case .pattern: .pattern
        case .nodes: nil
        }
    }

    /// The components of a model at this site, in order of computation.
    /// - Throws: `Failure` (usage) for a site that the model hasn't.
    package func components(
        in configuration: ModelConfiguration
    ) throws(Failure) -> [PatchComponent] {
        if self == .residualMid, configuration.parallelAttentionMLP {
            throw Failure(
                .usage, "attention and MLP of this model read the same stream: it has no resid_mid")
        }
        if self == .nodes {
            let input = PatchComponent(
                name: Node.input.name, layer: -1, point: .block(0, .residualPre))
            return [input]
                + (0..<configuration.nLayers).flatMap { layer in
                    Self.z.components(in: configuration, layer: layer)
                        + Self.mlpOut.components(in: configuration, layer: layer)
                }
        }
        return (0..<configuration.nLayers).flatMap { components(in: configuration, layer: $0) }
    }

    private func components(
        in configuration: ModelConfiguration, layer: Int
    ) -> [PatchComponent] {
        guard let blockPoint else { return [] }
        let point = HookPoint.block(layer, blockPoint)
        let shares = configuration.nKeyValueHeads < configuration.nHeads
        let count =
            self == .key || self == .value ? configuration.nKeyValueHeads : configuration.nHeads
        func parts(_ name: (Int) -> String) -> [PatchComponent] {
            (0..<count).map {
                PatchComponent(
                    name: name($0), layer: layer, point: point, part: $0, partCount: count)
            }
        }
        switch self {
        case .residualPre, .residualMid, .residualPost, .attentionOut, .nodes:
            return [PatchComponent(name: point.name, layer: layer, point: point)]
        case .mlpOut:
            return [
                PatchComponent(name: Node.mlp(layer: layer).name, layer: layer, point: point)
            ]
        case .z, .pattern:
            return parts { Node.head(layer: layer, head: $0).name }
        case .query:
            return parts { Receiver.head(layer: layer, head: $0, .query).name }
        case .key, .value:
            let input: AttentionInput = self == .key ? .key : .value
            return parts {
                shares
                    ? Receiver.group(layer: layer, group: $0, input).name
                    : Receiver.head(layer: layer, head: $0, input).name
            }
        }
    }
}

/// One thing to patch: an activation, or one head's part of it.
package struct PatchComponent: Hashable, Sendable {
    /// A node (`a3.h7`, `m3`), an input of one (`a3.h7<q>`) or a hook name.
    package var name: String
    /// Its layer; -1 for `input`.
    package var layer: Int
    /// Where it is in the forward pass.
    package let point: HookPoint
    /// Which of the equal parts of the activation it is: a head. 0 where there is one part.
    package let part: Int
    /// The number of parts.
    package let partCount: Int

    init(name: String, layer: Int, point: HookPoint, part: Int = 0, partCount: Int = 1) {
        self.name = name
        self.layer = layer
        self.point = point
        self.part = part
        self.partCount = partCount
    }
}
