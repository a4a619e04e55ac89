package import Artifacts
package import Basics

/// One of several circuits that are compared: that of a file, or one of the file's runs.
package struct NamedCircuit: Sendable {
    /// What a user calls it: `circuit.h5`, `sweep.h5#2`.
    package let name: String
    /// The run; nil where the file has one circuit only.
    package let run: Int?
    /// The circuit, without further runs.
    package let circuit: CircuitArtifact
    /// The file it is in.
    package let file: ArtifactReference

    /// As a row of an evaluation's table, without what running it says.
    package var row: EvaluationArtifact.Circuit {
        EvaluationArtifact.Circuit(
            file: file, run: run, method: circuit.method, threshold: circuit.threshold,
            order: circuit.order, level: circuit.graph.level,
            edgeCount: circuit.inCircuit.count { $0 },
            nodeCount: circuit.nodeInCircuit.count { $0 }, datasetDigest: circuit.datasetDigest)
    }
}

extension Artifact<CircuitArtifact> {
    /// Every circuit of the artifact: each of its runs, or the one there is. An artifact whose name
    /// says a run has that one only.
    /// - Throws: ``Failure`` (bad data) where the graph contradicts itself.
    package func circuits() throws(Failure) -> [NamedCircuit] {
        let named = ArtifactName(source)
        var file = reference
        file.path = named.path
        guard !content.runs.isEmpty else {
            return [NamedCircuit(name: source, run: named.run, circuit: content, file: file)]
        }
        var circuits: [NamedCircuit] = []
        for run in content.runs.indices {
            circuits.append(
                NamedCircuit(
                    name: "\(source)#\(run)", run: run, circuit: try content.selectingRun(run),
                    file: file))
        }
        return circuits
    }
}

extension EvaluationArtifact.Circuit {
    /// What a user calls it: `sweep.h5#2`, or `scores.h5 1%` of a circuit taken from scores.
    package var name: String {
        let path = ["-", ""].contains(file.path) ? "-" : file.path
        if let share {
            // 0.29 * 100 is 28.999999999999996.
            let percent = (share * 1e8).rounded() / 1e6
            return "\(path) \(percent == percent.rounded() ? "\(Int(percent))" : "\(percent)")%"
        }
        return path + (run.map { "#\($0)" } ?? "")
    }
}
