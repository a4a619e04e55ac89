package import Artifacts
package import Basics

extension Artifact<EdgeScoresArtifact> {
    /// Refuses scores of some edges only: circuits are taken from those of all.
    ///
    /// - Throws: ``Failure``: bad data that says how many there aren't.
    package func requireAllEdges() throws(Failure) {
        let count = content.unscoredEdgeCount
        guard count > 0 else { return }
        throw Failure(
            .badData,
            "\(source): \(count) of its edges weren't scored: score them all, without --receivers "
                + "and --circuit")
    }
}
