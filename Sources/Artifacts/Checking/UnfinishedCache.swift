import Basics
import HDF5

/// An activation cache that was left by a run that was stopped, `NAME.PID.partial`.
package struct UnfinishedCache: Hashable, Sendable {
    /// The number of pairs of the whole cache.
    package let pairCount: Int
    /// How many clean prompts are whole.
    package let cleanCount: Int
    /// How many corrupted prompts are whole.
    package let corruptedCount: Int

    /// Cuts the file to its last whole batch, from where circuit-cache goes on.
    ///
    /// - Returns: nil where the file is no unfinished cache.
    /// - Throws: `io` where it can't be written, `badData` where it is damaged elsewhere.
    package init?(cutting path: String) throws(ArtifactError) {
        guard SystemCalls.isRegularFile(atPath: path) == true, Self.isUnfinished(path) else {
            return nil
        }
        do throws(HDF5Error) {
            let file = try File.open(path, mode: .readWrite)
            let root = try file.root()
            var progress = try CacheProgress(reading: root)
            let clean = try root.group(ActivationRun.clean.rawValue)
            let hooks = try clean.children().map(\.name)
            guard let first = hooks.first else { return nil }
            pairCount = try clean.dataset(first).shape.first ?? 0
            clean.close()
            let whole = try progress.cut(to: hooks, pairCount: pairCount, in: root)
            func count(_ run: ActivationRun) -> Int {
                hooks.compactMap { whole["\(run.rawValue)/\($0)"]?.pairs }.min() ?? 0
            }
            cleanCount = count(.clean)
            corruptedCount = count(.corrupted)
            root.close()
            try file.flush()
            try file.close()
        } catch {
            throw ArtifactError(error)
        }
    }

    private static func isUnfinished(_ path: String) -> Bool {
        guard let root = try? File.open(path).root(),
            (try? root.contains(CacheProgress.name)) == true,
            let attributes = try? ContentReader.attributes(of: root)
        else { return false }
        return attributes.optionalText("digest") == nil
            && attributes.optionalText("artifact") == ArtifactKind.activationCache.rawValue
    }
}
