import Artifacts
import Basics
import Graphs
import ToolSupport

/// Circuits of features.
extension PruneTool {
    /// Takes the features that at least a share of attribution graphs keep.
    func prune(attributionGraphsIn file: ArtifactFile, share: Double) throws {
        try GivenOptions.ofThisRun.requireOnly(
            ["consensus"], because: "features are taken from graphs as they were traced")
        let destination = try output.destination(keeping: input.input)
        for path in others { try destination.check(keeps: [path]) }
        let files =
            try [file.read(AttributionGraphArtifact.self)]
            + others.map { try AttributionGraphArtifact.read(from: $0) }
        let circuit = try FeatureCircuitArtifact(merging: files, share: share)
        let count = circuit.circuit.count
        verbosity.note(
            "\(count) of \(circuit.features.count) features are kept by at least \(share) of "
                + "\(circuit.graphs.count) graphs")
        if count == 0 { Console.warning("the circuit is empty: take a lower --consensus") }
        try circuit.write(
            to: destination,
            provenance: .appending(
                .thisRun(inputs: files.map { $0.input("graphs") }), to: files.map(\.provenance)))
    }
}
