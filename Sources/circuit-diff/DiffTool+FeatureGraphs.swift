import ArgumentParser
import Artifacts
import Basics
import Graphs
import Presentation
import ToolSupport

/// Comparing attribution graphs and circuits of features.
extension DiffTool {
    /// Compares the graphs of all prompts of these files: two in full, more as a matrix.
    func compare(attributionGraphsIn files: [ArtifactFile]) throws {
        if let other = files.first(where: { $0.header.kind != .attributionGraph }) {
            throw Failure(
                .badData,
                "\(other.name): it is of the kind \(other.header.kind.rawValue), and an attribution "
                    + "graph is compared with others only")
        }
        let graphs = try files.flatMap { try $0.promptGraphs() }
        guard graphs.count > 1 else {
            throw Failure(
                .usage, "\(files[0].name) has one prompt: give another graph to compare it with")
        }
        if matrix || graphs.count > 2 {
            return try printMatrix(of: graphs.map(\.name)) {
                try CircuitOverlaps(graphs, ignoresPositions: ignorePositions)
            }
        }
        if let write { return try store(write, of: graphs, in: files) }
        let comparison = try FeatureGraphComparison(
            graphs[0], graphs[1], ignoresPositions: ignorePositions)
        try printComparison(comparison)
    }

    /// Compares circuits of features: two in full, more as a matrix.
    func compare(featureCircuitsIn files: [ArtifactFile]) throws {
        if let other = files.first(where: { $0.header.kind != .featureCircuit }) {
            throw Failure(
                .badData,
                "\(other.name): it is of the kind \(other.header.kind.rawValue), and a circuit of "
                    + "features is compared with others only")
        }
        if let write {
            throw Failure(
                .usage,
                "--write \(write.rawValue): circuits of features are compared, but none is made of "
                    + "two; circuit-prune --consensus merges the graphs that they are made of")
        }
        let circuits = try files.map {
            NamedFeatureCircuit(name: $0.name, try $0.read(FeatureCircuitArtifact.self).content)
        }
        guard circuits.count > 1 else {
            throw Failure(
                .usage, "\(files[0].name) is one circuit: give another one to compare it with")
        }
        if matrix || circuits.count > 2 {
            return try printMatrix(of: circuits.map(\.name)) { try CircuitOverlaps(circuits) }
        }
        try printComparison(FeatureGraphComparison(circuits[0], circuits[1]))
    }

    private func printComparison(_ comparison: FeatureGraphComparison) throws {
        try StandardOutput.print(
            json.json
                ? ArtifactJSON.text(comparison) : Report(comparison).text(limit: top.limit))
        if !comparison.areSame { throw ExitCode(ExitStatus.no.rawValue) }
    }

    private func printMatrix(
        of names: [String], _ compare: () throws -> CircuitOverlaps
    ) throws {
        try GivenOptions.ofThisRun.refuse(
            ["top", "write"],
            because: "\(names.count) graphs are compared as a matrix; name two, such as "
                + "\(names[0]) \(names[1])")
        let overlaps = try compare()
        try StandardOutput.print(
            json.json ? ArtifactJSON.text(overlaps) : Report(overlaps).text(limit: nil))
        if !overlaps.areSame { throw ExitCode(ExitStatus.no.rawValue) }
    }

    /// Writes the graph of what both keep, either keeps, or only the first.
    private func store(
        _ result: Result, of graphs: [PromptGraph], in files: [ArtifactFile]
    ) throws {
        guard let operation = CircuitSetOperation(rawValue: result.rawValue) else {
            throw Failure(
                .usage,
                "a comparison of attribution graphs isn't stored; --json prints all of it")
        }
        if ignorePositions {
            throw Failure(
                .usage, "--ignore-positions compares, but a graph that is written has positions")
        }
        let destination = try output.destination(keeping: circuits.first, circuits.last)
        let inputs = try files.map { try $0.attributionGraphs().graphs }
        try graphs[0].applying(operation, with: graphs[1]).write(
            to: destination,
            provenance: .appending(
                .thisRun(
                    inputs: zip(["first", "second"], inputs).map { $1.input($0) }),
                to: inputs.map(\.provenance)))
    }
}
