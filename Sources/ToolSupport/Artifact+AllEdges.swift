public import Artifacts

extension Artifact<EdgeScoresArtifact> {
    /// Refuses scores of some edges only: circuits are taken from those of all.
    ///
    /// - Throws: ``ToolError``: bad data that says how many there aren't.
    public func requireAllEdges() throws(ToolError) {
        let count = content.unscoredEdgeCount
        guard count > 0 else { return }
        throw ToolError(
            .badData,
            "\(source): \(count) of its edges weren't scored: score them all, without --receivers "
                + "and --circuit")
    }
}
