import Artifacts
import Basics
import Discovery
import Graphs
import ToolSupport

/// Scores as input.
extension ScoreTool {
    /// Sums scores up to a coarser level.
    func project(
        _ file: ArtifactFile, to level: GraphLevel, _ destination: ArtifactOutput
    ) throws {
        try GivenOptions.ofThisRun.requireOnly(
            ["level", "positions"],
            because: "\(file.name) has scores, which are only summed up to a level")
        let scores = try file.read(EdgeScoresArtifact.self)
        if positions, !scores.content.graph.isByPosition {
            throw Failure(
                .usage,
                "\(scores.source): its scores aren't by position; score the model with --positions")
        }
        try ScoringMethods.find(scores.content.method)?
            .requireAdditivity(for: "the level \(level.rawValue)")
        let provenance = try Provenance.appending(
            .thisRun(inputs: [scores.input("scores")]), to: [scores.provenance])
        _ = try scores.content.projected(to: level, keepingPositions: positions)
            .write(to: destination, provenance: provenance)
    }
}
