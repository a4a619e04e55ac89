/// The axes of an activation in a cache, as far as they follow from the hook's name.
package enum HookAxes {
    /// Whether a hook is a table of queries by keys for each head, `[pair, head, position,
    /// key_position]`: attention scores or a pattern. Any other is `[pair, position, ...]`.
    package static func isAttentionMap(_ hook: String) -> Bool {
        hook.hasSuffix(".hook_pattern") || holdsMinusInfinity(hook)
    }

    /// Whether a hook has -infinity where a query doesn't see a key.
    package static func holdsMinusInfinity(_ hook: String) -> Bool {
        hook.hasSuffix(".hook_attn_scores")
    }

    /// Which axis of an activation, pairs included, is that of the positions.
    package static func positionAxis(of hook: String) -> Int { isAttentionMap(hook) ? 2 : 1 }

    /// The names of an activation's axes.
    static func names(of hook: String, rank: Int) -> [String] {
        if rank == 4, isAttentionMap(hook) { return ["pair", "head", "position", "key_position"] }
        let parts = hook.split(separator: ".")
        let last = parts.last ?? ""
        let head = parts.dropLast().last == "k_norm" ? "kv_head" : "head"
        let rest: [String] =
            switch (rank, last) {
            case (4, "hook_result"): ["head", "d_model"]
            case (4, "hook_k"), (4, "hook_v"), (4, "hook_rot_k"): ["kv_head", "d_head"]
            case (4, "hook_scale"): [head, "scale"]
            case (4, _): [head, "d_head"]
            case (3, "hook_pre"), (3, "hook_post"), (3, "hook_pre_linear"): ["d_mlp"]
            case (3, "hook_scale"): ["scale"]
            case (3, "hook_out"): ["d_vocab"]
            case (3, _): ["d_model"]
            default: (2..<max(rank, 2)).map { "axis_\($0)" }
            }
        return ["pair", "position"] + rest
    }
}
