import Artifacts
import TestSupport

extension Shell {
    /// Writes two circuits of one graph, `loose.h5` and `tight.h5`: the second lacks an edge of the
    /// first.
    func writeCircuits() throws {
        let edges: [String: Float] = [
            "input->m0": 1.5, "m0->a1.h1<q>": 0.5, "a1.h1->logits": -0.25,
        ]
        try write(CircuitArtifact.sample(edges: edges, threshold: 0.1), "loose.h5")
        try write(
            CircuitArtifact.sample(edges: edges.filter { $0.key != "m0->a1.h1<q>" }, threshold: 1),
            "tight.h5")
    }

    /// Writes an artifact into the scratch folder.
    func write(_ content: some ArtifactContent, _ name: String) throws {
        try content.write(
            to: ArtifactOutput(folder.path(name)), provenance: Provenance.sample())
    }

    /// Writes one artifact of every kind but caches, each named after its kind.
    func writeEveryKind() throws {
        for kind in ArtifactKind.allCases {
            guard let sample = kind.sample else { continue }
            if kind == .circuit {
                try write(CircuitArtifact.sampleOfSearch, "circuit.h5")
                continue
            }
            try write(sample, "\(kind.rawValue).h5")
        }
    }
}
