package import Artifacts
import Basics

extension ActivationCache {
    /// The attention roles of all heads of a layer, by head.
    ///
    /// - Throws: `missingInput` where the cache doesn't have the layer's `hook_pattern`.
    package func attentionRoles(ofLayer layer: Int) throws(ArtifactError) -> [AttentionRole] {
        let hook = "blocks.\(layer).attn.hook_pattern"
        let pattern = try activation(named: hook, run: .clean)
        let prompts = dataset.content.clean.ids
        let keyCount = prompts.map(\.count).max() ?? 0
        guard pattern.shape.count == 4, pattern.shape[3] >= keyCount else {
            throw ArtifactError(
                .badData, file: source, path: "/clean/\(hook)",
                "its shape is \(pattern.shape), and prompts have up to \(keyCount) keys")
        }
        let heads = pattern.shape[1]
        let changes = try outputChanges(ofLayer: layer, heads: heads)
        var sums = [AttentionSums](repeating: AttentionSums(), count: heads)
        let (queries, keys) = (pattern.shape[2], pattern.shape[3])
        pattern.withUnsafeBufferPointer { values in
            for (pair, ids) in prompts.enumerated() {
                let reader = PromptPlaces(dataset.content, pair: pair)
                for query in 0..<queries {
                    let position = Int(description.positions.values[pair * queries + query])
                    guard position >= 0, position < ids.count else { continue }
                    for head in 0..<heads {
                        let start = ((pair * heads + head) * queries + query) * keys
                        let row = values[start..<(start + ids.count)]
                        sums[head].add(row, at: position, in: reader)
                        if let changes {
                            sums[head].add(
                                change: changes[(pair * queries + query) * heads + head],
                                at: position, in: reader)
                        }
                    }
                }
            }
        }
        return sums.map(\.role)
    }

    /// The length of the change of each head's z between the two prompts, `[pair, position, head]`; nil
    /// where the cache doesn't have it.
    private func outputChanges(
        ofLayer layer: Int, heads: Int
    ) throws(ArtifactError) -> [Double]? {
        let hook = "blocks.\(layer).attn.hook_z"
        guard let shape = shapes[hook] else { return nil }
        guard shape.count == 4, shape[2] == heads else {
            throw ArtifactError(
                .badData, file: source, path: "/clean/\(hook)",
                "its shape is \(shape), and the pattern has \(heads) heads")
        }
        let clean = try activation(named: hook, run: .clean).values()
        let corrupted = try activation(named: hook, run: .corrupted).values()
        let width = shape[3]
        return (0..<(shape[0] * shape[1] * heads)).map { row in
            (row * width..<(row + 1) * width).reduce(0.0) { sum, index in
                let difference = Double(clean[index] - corrupted[index])
                return sum + difference * difference
            }.squareRoot()
        }
    }
}

/// What the positions of one clean prompt are called, and which hold the same token.
private struct PromptPlaces {
    let ids: [Int32]
    /// The named positions that each position is, in the alphabet's order. Shape `[position]`.
    let names: [[String]]

    init(_ dataset: DatasetArtifact, pair: Int) {
        ids = dataset.clean.ids[pair]
        var names = [[String]](repeating: [], count: ids.count)
        for (name, column) in dataset.positions.sorted(by: { $0.key < $1.key }) {
            let position = Int(column[pair])
            if names.indices.contains(position) { names[position].append(name) }
        }
        self.names = names
    }

    /// What a key is called as seen from a query.
    func place(ofKey key: Int, from query: Int) -> String {
        if key == query { return AttentionRole.Place.itself }
        if let name = names[key].first { return name }
        if key == 0 { return AttentionRole.Place.first }
        return key == query - 1 ? AttentionRole.Place.previous : AttentionRole.Place.rest
    }

    /// What kind of key it is, whatever the positions' names.
    func kind(ofKey key: Int, from query: Int) -> String {
        if key < query, ids[key] == ids[query] { return AttentionRole.Place.duplicate }
        if key > 0, key < query, ids[key - 1] == ids[query] {
            return AttentionRole.Place.induction
        }
        if key == query { return AttentionRole.Place.itself }
        if key == query - 1 { return AttentionRole.Place.previous }
        return key == 0 ? AttentionRole.Place.first : AttentionRole.Place.rest
    }
}

/// Sums over prompts of which a head's role is made.
private struct AttentionSums {
    private var fromPosition: [String: [String: Double]] = [:]
    private var byKind: [String: Double] = [:]
    private var changes: [String: Double] = [:]

    /// Adds the attention of the query at a position, a value for each key.
    mutating func add(
        _ row: Slice<UnsafeBufferPointer<Float>>, at query: Int, in prompt: PromptPlaces
    ) {
        for (key, weight) in row.enumerated() where key <= query {
            for name in prompt.names[query] {
                fromPosition[name, default: [:]][
                    prompt.place(ofKey: key, from: query), default: 0] += Double(weight)
            }
            if query > 0 {
                byKind[prompt.kind(ofKey: key, from: query), default: 0] += Double(weight)
            }
        }
    }

    /// Adds how much the output at a position changes.
    mutating func add(change: Double, at position: Int, in prompt: PromptPlaces) {
        changes[prompt.names[position].first ?? AttentionRole.Place.rest, default: 0] += change
    }

    var role: AttentionRole {
        AttentionRole(
            fromPosition: fromPosition.compactMapValues { Distribution($0) },
            byKind: Distribution(byKind), actsAt: Distribution(changes))
    }
}
