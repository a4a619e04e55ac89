/// Caches of version 1.x: what a norm gives was named after the norm, where TransformerLens means the
/// values before gain and bias, and attention patterns were [pair, position, head, key_position].
extension ActivationCache {
    /// What hooks are called since 2.0.0, by what they end in.
    private static let renamed = [
        (former: "ln1.hook_normalized", current: "attn.hook_in"),
        (former: "ln2.hook_normalized", current: "mlp.hook_in"),
        (former: "ln_final.hook_normalized", current: "unembed.hook_in"),
    ]

    /// The name since 2.0.0 of a hook of 1.x.
    static func currentName(ofFormer hook: String) -> String {
        for names in renamed where hook.hasSuffix(names.former) {
            return String(hook.dropLast(names.former.count)) + names.current
        }
        return hook
    }

    /// The name in 1.x of a hook.
    static func formerName(of hook: String) -> String {
        for names in renamed where hook.hasSuffix(names.current) {
            return String(hook.dropLast(names.current.count)) + names.former
        }
        return hook
    }

    /// Describes activations as they are since 2.0.0; they stay in the file as they are.
    static let migrations = [
        SchemaMigration(kind: .activationCache, from: 1, to: SchemaVersion(2, 0, 0)) { root in
            for run in ActivationRun.allCases {
                guard let stored = root.groups[run.rawValue]?.datasets else { continue }
                var current: [String: ContentDataset] = [:]
                for (name, dataset) in stored {
                    var dataset = dataset
                    if HookAxes.isAttentionMap(name), dataset.shape.count == 4 {
                        dataset.shape.swapAt(1, 2)
                    }
                    current[currentName(ofFormer: name)] = dataset
                }
                root.groups[run.rawValue]?.datasets = current
            }
        }
    ]

    /// Swaps the middle axes of `[pair, position, head, key_position]`.
    /// - Parameter shape: the shape of the result, `[pair, head, position, key_position]`.
    static func swappingMiddleAxes(_ values: [Float], to shape: [Int]) -> [Float] {
        let (pairs, heads, positions, keys) = (shape[0], shape[1], shape[2], shape[3])
        return [Float](unsafeUninitializedCapacity: values.count) { result, count in
            var next = 0
            for pair in 0..<pairs {
                for head in 0..<heads {
                    for position in 0..<positions {
                        let first = ((pair * positions + position) * heads + head) * keys
                        for key in 0..<keys {
                            result.initializeElement(at: next, to: values[first + key])
                            next += 1
                        }
                    }
                }
            }
            count = next
        }
    }

    /// Writes this cache again, as one of the current version, with the notes of `former`.
    func rewrite(
        to output: ArtifactOutput, provenance: Provenance, notesOf former: ArtifactFile
    ) throws(ArtifactError) {
        let writer = try ActivationCacheWriter(
            to: output, dataset: dataset, description: description,
            shapes: shapes.mapValues { Array($0.dropFirst()) },
            layout: try isCompressed ? .compressed(level: 4) : .contiguous)
        for hook in hooks {
            for run in ActivationRun.allCases {
                let activation = try activation(named: hook, run: run)
                try activation.withUnsafeBufferPointer { (values) throws(ArtifactError) in
                    try writer.append(values, to: hook, run: run)
                }
            }
        }
        try writer.finish(provenance: provenance, notesOf: former)
    }
}
