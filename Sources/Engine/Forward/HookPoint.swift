package import Models

/// A point of the forward pass at which an activation can be read or replaced, with the name and the
/// meaning that it has in TransformerLens; docs/hooks.md compares the numbers.
package enum HookPoint: Hashable, Sendable {
    /// `hook_embed`: token embeddings, `[pair, position, d_model]`.
    case embed
    /// `hook_pos_embed`: position embeddings, `[pair, position, d_model]`.
    case positionEmbed
    /// `blocks.L.<name>`.
    case block(Int, BlockPoint)
    /// `ln_final.hook_scale`: what the last norm divides by, `[pair, position, 1]`.
    case finalScale
    /// `ln_final.hook_normalized`: the last norm before its gain and bias, `[pair, position, d_model]`.
    case finalNormalized
    /// `unembed.hook_in`: what the unembedding reads, `[pair, position, d_model]`.
    case unembedIn
    /// `unembed.hook_out`: the logits before a soft cap, `[pair, position, d_vocab]`. Read only.
    case unembedOut

    /// The hook points of one layer, in order of computation; the raw value is the name after
    /// `blocks.L.`.
    package enum BlockPoint: String, Hashable, Sendable, CaseIterable {
        /// The residual stream before the layer.
        case residualPre = "hook_resid_pre"
        /// What the norm before attention (in OLMo 2, the one after it) divides by, `[.., 1]`.
        case attentionScale = "ln1.hook_scale"
        /// The same norm, before its gain and bias.
        case attentionNormalized = "ln1.hook_normalized"
        /// What attention reads: the normalised stream, with gain and bias.
        case attentionIn = "attn.hook_in"
        /// Queries, before norm and rotation, `[.., head, d_head]`.
        case query = "attn.hook_q"
        /// Keys, before norm and rotation, `[.., kv_head, d_head]`.
        case key = "attn.hook_k"
        /// Values, `[.., kv_head, d_head]`.
        case value = "attn.hook_v"
        /// What the norm of queries divides by, `[.., head, 1]`; `[.., 1]` where one norm is of all heads.
        case queryNormScale = "attn.q_norm.hook_scale"
        /// The norm of queries, before its gain and rotation, `[.., head, d_head]`.
        case queryNormalized = "attn.q_norm.hook_normalized"
        /// What the norm of keys divides by, `[.., kv_head, 1]`, or `[.., 1]` as that of queries.
        case keyNormScale = "attn.k_norm.hook_scale"
        /// The norm of keys, before its gain and rotation, `[.., kv_head, d_head]`.
        case keyNormalized = "attn.k_norm.hook_normalized"
        /// Queries as they meet the keys, normalised and rotated where the layer does that, `[.., head,
        /// d_head]`.
        case rotatedQuery = "attn.hook_rot_q"
        /// Keys, likewise, `[.., kv_head, d_head]`.
        case rotatedKey = "attn.hook_rot_k"
        /// Attention scores, scaled, soft-capped and masked by -infinity, `[.., head, key_position]`.
        case scores = "attn.hook_attn_scores"
        /// Attention pattern, `[.., head, key_position]`.
        case pattern = "attn.hook_pattern"
        /// What each head reads out, before the output projection, `[.., head, d_head]`.
        case z = "attn.hook_z"
        /// What each head adds to the residual stream, without the bias that heads share (and before
        /// the norm after attention, where there is one), `[.., head, d_model]`.
        case result = "attn.hook_result"
        /// What the norm after attention divides by, where there is one before it too, `[.., 1]`.
        case postAttentionScale = "ln1_post.hook_scale"
        /// The norm after attention, before its gain.
        case postAttentionNormalized = "ln1_post.hook_normalized"
        /// What attention adds to the residual stream, bias and norm included.
        case attentionOut = "hook_attn_out"
        /// The residual stream between attention and MLP.
        case residualMid = "hook_resid_mid"
        /// What the norm before the MLP (in OLMo 2, the one after it) divides by, `[.., 1]`.
        case mlpScale = "ln2.hook_scale"
        /// The same norm, before its gain and bias.
        case mlpNormalized = "ln2.hook_normalized"
        /// What the MLP reads: the normalised stream, with gain and bias.
        case mlpIn = "mlp.hook_in"
        /// The MLP's hidden layer before the nonlinearity, `[.., d_mlp]`; of a gated MLP, the gate's.
        case mlpPre = "mlp.hook_pre"
        /// What a gated MLP multiplies with its gate, `[.., d_mlp]`.
        case mlpPreLinear = "mlp.hook_pre_linear"
        /// The MLP's neurons, `[.., d_mlp]`.
        case mlpPost = "mlp.hook_post"
        /// What the norm after the MLP divides by, where there is one before it too, `[.., 1]`.
        case postMLPScale = "ln2_post.hook_scale"
        /// The norm after the MLP, before its gain.
        case postMLPNormalized = "ln2_post.hook_normalized"
        /// What the MLP adds to the residual stream, norm included.
        case mlpOut = "hook_mlp_out"
        /// The residual stream after the layer.
        case residualPost = "hook_resid_post"
    }

    /// The TransformerLens name, such as `blocks.0.attn.hook_z`.
    package var name: String {
        switch self {
        case .block(let layer, let point): "blocks.\(layer).\(point.rawValue)"
        case .embed: "hook_embed"
        case .positionEmbed: "hook_pos_embed"
        case .finalScale: "ln_final.hook_scale"
        case .finalNormalized: "ln_final.hook_normalized"
        case .unembedIn: "unembed.hook_in"
        case .unembedOut: "unembed.hook_out"
        }
    }

    /// The points that aren't of a layer.
    private static let ofModel: [HookPoint] = [
        .embed, .positionEmbed, .finalScale, .finalNormalized, .unembedIn, .unembedOut,
    ]

    /// The hook point of this name, or nil if it isn't one.
    package init?(name: String) {
        if let point = Self.ofModel.first(where: { $0.name == name }) {
            self = point
            return
        }
        let parts = name.split(separator: ".", maxSplits: 2)
        guard parts.count == 3, parts[0] == "blocks", let layer = Int(parts[1]), layer >= 0,
            let point = BlockPoint(rawValue: String(parts[2]))
        else { return nil }
        self = .block(layer, point)
    }

    /// Every hook point of a model, in order of computation.
    package static func all(of configuration: ModelConfiguration) -> [HookPoint] {
        var points: [HookPoint] = [.embed]
        if configuration.positions == .learned { points.append(.positionEmbed) }
        let inLayer = BlockPoint.allCases.filter { $0.exists(in: configuration) }
        for layer in 0..<configuration.nLayers {
            points += inLayer.map { .block(layer, $0) }
        }
        if configuration.normalization != .none { points += [.finalScale, .finalNormalized] }
        return points + [.unembedIn, .unembedOut]
    }

    /// Whether it is a table of queries by keys for each head: attention scores or a pattern.
    package var isAttentionMap: Bool {
        switch self {
        case .block(_, .scores), .block(_, .pattern): true
        default: false
        }
    }
}

extension HookPoint {
    /// The axes after `[pair, position]`, with their names and sizes, as a pass has them in its rows.
    /// - Parameter longest: number of positions, the last axis of an attention map.
    package func axes(
        in configuration: ModelConfiguration, longest: Int
    ) -> [(name: String, count: Int)] {
        let heads = ("head", configuration.nHeads)
        let keyValueHeads = ("kv_head", configuration.nKeyValueHeads)
        let width = ("d_head", configuration.dHead)
        let scale = ("scale", 1)
        let isPerHead = configuration.headNormalization == .perHead
        return switch self {
        case .block(_, .query), .block(_, .queryNormalized), .block(_, .rotatedQuery),
            .block(_, .z):
            [heads, width]
        case .block(_, .key), .block(_, .keyNormalized), .block(_, .rotatedKey), .block(_, .value):
            [keyValueHeads, width]
        case .block(_, .queryNormScale): isPerHead ? [heads, scale] : [scale]
        case .block(_, .keyNormScale): isPerHead ? [keyValueHeads, scale] : [scale]
        case .block(_, .scores), .block(_, .pattern): [heads, ("key_position", longest)]
        case .block(_, .result): [heads, ("d_model", configuration.dModel)]
        case .block(_, .mlpPre), .block(_, .mlpPreLinear), .block(_, .mlpPost):
            [("d_mlp", configuration.dMLP)]
        case .block(_, .attentionScale), .block(_, .mlpScale), .block(_, .postAttentionScale),
            .block(_, .postMLPScale), .finalScale:
            [scale]
        case .unembedOut: [("d_vocab", configuration.dVocabOut)]
        case .embed, .positionEmbed, .block, .finalNormalized, .unembedIn:
            [("d_model", configuration.dModel)]
        }
    }

    /// Values a position.
    package func width(in configuration: ModelConfiguration, longest: Int) -> Int {
        axes(in: configuration, longest: longest).reduce(1) { $0 * $1.count }
    }
}

extension HookPoint.BlockPoint {
    /// Whether the layers of a model have it.
    fileprivate func exists(in configuration: ModelConfiguration) -> Bool {
        switch self {
        // Where norms stand after attention and MLP only, these are the points of those.
        case .attentionScale, .attentionNormalized, .mlpScale, .mlpNormalized:
            configuration.normalization != .none
        case .queryNormScale, .queryNormalized, .keyNormScale, .keyNormalized:
            configuration.headNormalization != nil
        case .rotatedQuery, .rotatedKey:
            if case .rotary = configuration.positions { true } else { false }
        case .postAttentionScale, .postAttentionNormalized, .postMLPScale, .postMLPNormalized:
            configuration.hasNormsBefore && configuration.hasNormsAfter
        // A parallel layer has no stream between attention and MLP.
        case .residualMid: !configuration.parallelAttentionMLP
        case .mlpPreLinear: configuration.isGated
        default: true
        }
    }
}
