package import Artifacts
import Basics

/// One head's attention on one prompt, of an activation cache that holds patterns.
package struct AttentionChoice: Hashable, Sendable {
    /// The hook's name, `blocks.5.attn.hook_pattern`.
    package var hook: String
    /// The query head.
    package var head: Int
    /// The pair.
    package var pair: Int
    /// Which prompt of the pair.
    package var run: ActivationRun

    /// The attention of a head on one prompt of a pair.
    package init(hook: String, head: Int, pair: Int = 0, run: ActivationRun = .clean) {
        self.hook = hook
        self.head = head
        self.pair = pair
        self.run = run
    }
}

extension HeatMap {
    /// A head's attention pattern: from which position (row) it reads which (column), labelled with the
    /// prompt's tokens where the dataset has their texts.
    ///
    /// - Throws: ``Failure`` (usage) for a hook that isn't a pattern, or a head or pair that isn't
    ///   there, and `ArtifactError` where the cache doesn't hold the hook.
    package init(
        _ cache: ActivationCache, _ choice: AttentionChoice, _ options: Options = Options()
    ) throws {
        let activation = try cache.activation(named: choice.hook, run: choice.run)
        guard choice.hook.hasSuffix("attn.hook_pattern"), activation.shape.count == 4 else {
            throw Failure(
                .usage,
                "\(choice.hook) is no attention pattern; give a hook such as "
                    + "blocks.0.attn.hook_pattern")
        }
        let shape = activation.shape
        let (pairs, heads, queries, keys) = (
            shape[0], shape[Self.headAxis], shape[Self.queryAxis], shape[3]
        )
        guard choice.pair >= 0, choice.pair < pairs else {
            throw Failure(
                .usage, "there is no pair \(choice.pair); the cache has 0 to \(pairs - 1)")
        }
        guard choice.head >= 0, choice.head < heads else {
            throw Failure(
                .usage, "there is no head \(choice.head); the layer has 0 to \(heads - 1)")
        }
        let dataset = cache.dataset.content
        let prompts = choice.run == .clean ? dataset.clean : dataset.corrupted
        let ids = prompts.ids[choice.pair]
        let labels = ids.enumerated().map { place, id in
            dataset.tokenTexts[id].map(tokenLabel) ?? "\(place)"
        }
        let positions = cache.description.positions
        let rows = (0..<queries).compactMap { row -> (row: Int, position: Int)? in
            let position = Int(positions.values[choice.pair * positions.shape[1] + row])
            return ids.indices.contains(position) ? (row, position) : nil
        }
        let table = activation.withUnsafeBufferPointer { values in
            rows.map { row, position in
                // Later positions aren't read.
                (0..<min(keys, ids.count)).map { key -> Float in
                    guard key <= position else { return .nan }
                    var index = [choice.pair, 0, 0, key]
                    index[Self.headAxis] = choice.head
                    index[Self.queryAxis] = row
                    return values[zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }]
                }
            }
        }
        self.init(
            title: options.title
                ?? "\(cache.model.name): \(choice.hook), head \(choice.head), pair \(choice.pair), "
                + "\(choice.run.rawValue)",
            valueName: "attention",
            rows: Axis(name: "from (query)", labels: rows.map { labels[$0.position] }),
            columns: Axis(name: "to (key)", labels: Array(labels.prefix(keys))), values: table)
        range = 0...1
        self.options = options
    }

    /// The axes of a pattern of the caches that are read, `[pair, head, query, key]`; in the first major
    /// version it was `[pair, query, head, key]`.
    private static let (headAxis, queryAxis) =
        ArtifactKind.activationCache.currentVersion.major > 1 ? (1, 2) : (2, 1)
}
