package import Artifacts
import Basics

extension ArtifactFile {
    /// What contradicts itself in an artifact that is valid by its schema: figures that don't follow
    /// from each other, edges against the order of computation, a decision log that leads to another
    /// circuit.
    ///
    /// - Throws: ``Artifacts/ArtifactError`` where the artifact isn't valid.
    package func contradictions() throws(ArtifactError) -> [Diagnostic] {
        switch header.kind {
        case .circuit: try readWhole(CircuitArtifact.self).content.contradictions
        case .edgeScores: try read(EdgeScoresArtifact.self).content.graph.contradictions
        case .evaluation: try read(EvaluationArtifact.self).content.contradictions
        case .circuitDiff: try read(CircuitDiffArtifact.self).content.contradictions
        case .activationCache: try ActivationCache(self).contradictions
        // Their types refuse what contradicts itself.
        case .dataset, .patchEffects, .attributionGraph, .featureCircuit, .steeringVector: []
        }
    }
}

extension ActivationCache {
    /// Positions that the prompts don't have.
    var contradictions: [Diagnostic] {
        let positions = description.positions
        let lengths = dataset.content.clean.ids.map(\.count)
        let wrong = lengths.indices.first { pair in
            positions[row: pair].contains { Int($0) >= lengths[pair] }
        }
        return wrong.map { pair in
            [
                Diagnostic(
                    path: "/positions",
                    "pair \(pair) has a position beyond the \(lengths[pair]) tokens of its prompts")
            ]
        } ?? []
    }
}

extension EvaluationArtifact {
    /// Intervals whose ends are the wrong way round, and what is wrong with the graph.
    var contradictions: [Diagnostic] {
        var found = graph?.contradictions ?? []
        if let figure = figures.first(where: { $0.lower > $0.upper }) {
            found.append(
                Diagnostic(
                    path: "/figures",
                    "the interval of \(figure.name) goes from \(figure.lower) down to \(figure.upper)"
                ))
        }
        return found
    }
}

extension CircuitDiffArtifact {
    /// Overlaps that aren't those of the edges and nodes listed.
    var contradictions: [Diagnostic] {
        let parts = [
            ("edge_jaccard", edges, edgeJaccard), ("node_jaccard", nodes, nodeJaccard),
        ]
        return parts.compactMap { name, entries, stored in
            let union = entries.count { $0.inFirst || $0.inSecond }
            guard union > 0, !stored.isNaN else { return nil }
            let share = Double(entries.count { $0.inFirst && $0.inSecond }) / Double(union)
            guard abs(share - stored) > 1e-9 else { return nil }
            return Diagnostic(path: "/@\(name)", "it is \(stored), and its table says \(share)")
        }
    }
}
