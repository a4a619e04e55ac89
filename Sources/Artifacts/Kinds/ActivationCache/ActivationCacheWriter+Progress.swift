import Basics
import Crypto
import HDF5

extension ActivationCacheWriter {
    /// Lets the file's structure reach the disk by `flush()` alone, so that it is whole there at any time but
    /// during one.
    func holdStructure() throws(ArtifactError) {
        guard layout != .contiguous else { return }
        try rethrowing { () throws(HDF5Error) in try file?.holdStructureUntilFlush() }
    }

    /// Makes the file one that can be opened if the process is killed, and says what it is.
    func startProgress() throws(ArtifactError) {
        let header = [
            "artifact": ArtifactKind.activationCache.rawValue,
            "schema_version": ArtifactKind.activationCache.currentVersion.description,
            "inputs_digest": description.inputsDigest,
        ]
        try withRoot { (root) throws(HDF5Error) in
            try CacheProgress.create(in: root, pairCount: pairCount)
            for (name, text) in header.sorted(by: { $0.key < $1.key }) {
                try root.setAttribute(name, text)
            }
        }
        try rethrowing { () throws(HDF5Error) in try file?.flush() }
        progress = CacheProgress()
    }

    /// Notes a batch of a run once all its activations are written.
    func noteProgress(of run: ActivationRun, to end: Int) throws(ArtifactError) {
        let written = paths(of: run).compactMap { columns[$0] }
        guard var progress, written.allSatisfy({ $0.written == end }) else { return }
        // Where chunks lie is part of the file's structure; what isn't compressed has its place already.
        if layout != .contiguous {
            try rethrowing { () throws(HDF5Error) in try file?.flush() }
        }
        let digest = CacheProgress.digest(of: written.map(\.hash))
        try withRoot { (root) throws(HDF5Error) in
            try progress.append(
                CacheProgress.Batch(run: run, end: end, digest: digest), to: root)
        }
        self.progress = progress
    }

    /// Opens what a killed run left, cut to its last whole batch.
    func restore(_ shapes: [String: [Int]]) throws(ArtifactError) {
        file = try pending.reopen(placement: placement)
        try holdStructure()
        let (hooks, precision, pairCount) = (description.hooks, description.precision, pairCount)
        let layout = layout
        let restored = try withRoot {
            (root) throws(HDF5Error) -> (CacheProgress, [String: (hash: SHA256, pairs: Int)])? in
            for run in ActivationRun.allCases {
                for hook in hooks {
                    let dataset = try root.dataset("\(run.rawValue)/\(hook)")
                    guard dataset.shape == [pairCount] + (shapes[hook] ?? []),
                        dataset.elementType == precision.elementType,
                        dataset.layout == layout.layout(dataset.shape)
                    else { return nil }
                }
            }
            var progress = try CacheProgress(reading: root)
            let whole = try progress.cut(to: hooks, pairCount: pairCount, in: root)
            return (progress, whole)
        }
        guard let (progress, wholeActivations) = restored else {
            throw ArtifactError(.badData, "what is left isn't of this cache")
        }
        for run in ActivationRun.allCases {
            for hook in hooks {
                let shape = [pairCount] + (shapes[hook] ?? [])
                declare(hook, run, shape: shape, dims: HookAxes.names(of: hook, rank: shape.count))
                let path = "\(run.rawValue)/\(hook)"
                guard let whole = wholeActivations[path] else { continue }
                columns[path]?.hash = whole.hash
                columns[path]?.written = whole.pairs
            }
        }
        self.progress = progress
    }
}
