package import Models

/// A point of the forward pass at which an activation can be read or replaced, named as
/// TransformerLens names it.
package enum HookPoint: Hashable, Sendable {
    /// `hook_embed`: token embeddings, `[pair, position, d_model]`.
    case embed
    /// `hook_pos_embed`: position embeddings, `[pair, position, d_model]`.
    case positionEmbed
    /// `blocks.L.<name>`.
    case block(Int, BlockPoint)
    /// `ln_final.hook_normalized`: `[pair, position, d_model]`.
    case finalNormalized

    /// The hook points of one layer; the raw value is the name after `blocks.L.`.
    package enum BlockPoint: String, Hashable, Sendable, CaseIterable {
        /// The residual stream before the layer.
        case residualPre = "hook_resid_pre"
        /// What attention reads: the normalised stream.
        case attentionNormalized = "ln1.hook_normalized"
        /// Queries, before norm and rotation, `[.., head, d_head]`.
        case query = "attn.hook_q"
        /// Keys, before norm and rotation, `[.., kv_head, d_head]`.
        case key = "attn.hook_k"
        /// Values, `[.., kv_head, d_head]`.
        case value = "attn.hook_v"
        /// Attention pattern, `[.., head, key_position]`.
        case pattern = "attn.hook_pattern"
        /// What each head reads out, before the output projection, `[.., head, d_head]`.
        case z = "attn.hook_z"
        /// What each head adds to the residual stream, `[.., head, d_model]`.
        case result = "attn.hook_result"
        /// What attention adds to the residual stream, bias included.
        case attentionOut = "hook_attn_out"
        /// The residual stream between attention and MLP.
        case residualMid = "hook_resid_mid"
        /// What the MLP reads: the normalised stream.
        case mlpNormalized = "ln2.hook_normalized"
        /// The MLP's hidden layer before the nonlinearity, `[.., d_mlp]`.
        case mlpPre = "mlp.hook_pre"
        /// The MLP's neurons, `[.., d_mlp]`.
        case mlpPost = "mlp.hook_post"
        /// What the MLP adds to the residual stream.
        case mlpOut = "hook_mlp_out"
        /// The residual stream after the layer.
        case residualPost = "hook_resid_post"
    }

    /// The TransformerLens name, such as `blocks.0.attn.hook_z`.
    package var name: String {
        switch self {
        case .embed: "hook_embed"
        case .positionEmbed: "hook_pos_embed"
        case .block(let layer, let point): "blocks.\(layer).\(point.rawValue)"
        case .finalNormalized: "ln_final.hook_normalized"
        }
    }

    /// The hook point of this name, or nil if it isn't one.
    package init?(name: String) {
        switch name {
        case "hook_embed": self = .embed
        case "hook_pos_embed": self = .positionEmbed
        case "ln_final.hook_normalized": self = .finalNormalized
        default:
            let parts = name.split(separator: ".", maxSplits: 2)
            guard parts.count == 3, parts[0] == "blocks", let layer = Int(parts[1]), layer >= 0,
                let point = BlockPoint(rawValue: String(parts[2]))
            else { return nil }
            self = .block(layer, point)
        }
    }

    /// Every hook point of a model, in order of computation.
    package static func all(of configuration: ModelConfiguration) -> [HookPoint] {
        var points: [HookPoint] = [.embed]
        if configuration.positions == .learned { points.append(.positionEmbed) }
        for layer in 0..<configuration.nLayers {
            for point in BlockPoint.allCases {
                // A parallel layer has no stream between attention and MLP.
                if point == .residualMid, configuration.parallelAttentionMLP { continue }
                points.append(.block(layer, point))
            }
        }
        points.append(.finalNormalized)
        return points
    }

    /// The axes after `[pair, position]`, with their names and sizes.
    /// - Parameter longest: number of positions, the last axis of an attention pattern.
    package func axes(
        in configuration: ModelConfiguration, longest: Int
    ) -> [(name: String, count: Int)] {
        let heads = ("head", configuration.nHeads)
        let keyValueHeads = ("kv_head", configuration.nKeyValueHeads)
        let width = ("d_head", configuration.dHead)
        return switch self {
        case .block(_, .query), .block(_, .z): [heads, width]
        case .block(_, .key), .block(_, .value): [keyValueHeads, width]
        case .block(_, .pattern): [heads, ("key_position", longest)]
        case .block(_, .result): [heads, ("d_model", configuration.dModel)]
        case .block(_, .mlpPre), .block(_, .mlpPost): [("d_mlp", configuration.dMLP)]
        default: [("d_model", configuration.dModel)]
        }
    }

    /// Values a position.
    package func width(in configuration: ModelConfiguration, longest: Int) -> Int {
        axes(in: configuration, longest: longest).reduce(1) { $0 * $1.count }
    }
}
