package import Artifacts
package import Basics

/// A circuit of features, and what a user calls it.
package struct NamedFeatureCircuit: Sendable {
    /// What a user calls it: `features.h5`.
    package let name: String
    /// The circuit.
    package let circuit: FeatureCircuitArtifact

    /// A circuit by its name.
    package init(name: String, _ circuit: FeatureCircuitArtifact) {
        self.name = name
        self.circuit = circuit
    }
}

extension FeatureGraphComparison {
    /// Compares two circuits of features by the features' names: which features and edges one has, which
    /// both; influence, activation and weights are means over each circuit's graphs.
    /// - Throws: ``Failure`` (bad data) where the circuits are of different transcoders.
    package init(
        _ first: NamedFeatureCircuit, _ second: NamedFeatureCircuit
    ) throws(Failure) {
        let both = [first, second]
        try Self.requireSameFeatures(both.map { ($0.name, $0.circuit.transcoders) })
        var notes = [
            "features by layer and number; an edge's weight is known where both its ends are in the "
                + "circuit, else 0"
        ]
        let models = both.map(\.circuit.model)
        if models[0].digest != models[1].digest {
            notes.append("the models differ: \(models[0].name), \(models[1].name)")
        }
        self.init(
            both.map { NamedGraph($0.circuit) }, names: both.map(\.name),
            prompts: both.map { named in
                "what \(Basics.Figures.short(named.circuit.share)) of "
                    + "\(Basics.Figures.count(named.circuit.graphs.count)) graphs keep"
            }, notes: notes)
    }
}

extension CircuitOverlaps {
    /// Compares the features and edges of each two circuits of features.
    /// - Throws: ``Failure`` (bad data) where circuits are of different transcoders.
    package init(_ circuits: [NamedFeatureCircuit]) throws(Failure) {
        try FeatureGraphComparison.requireSameFeatures(
            circuits.map { ($0.name, $0.circuit.transcoders) })
        self.init(circuits.map { NamedGraph($0.circuit) }, names: circuits.map(\.name))
    }
}
