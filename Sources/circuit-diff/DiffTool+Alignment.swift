import Artifacts
import Basics
import Graphs
import ToolSupport

extension DiffTool {
    /// How the graphs of two circuits are aligned, nil for as usual; and the caches that were read for it.
    func alignment(
        of first: Artifact<CircuitArtifact>, and second: Artifact<CircuitArtifact>
    ) throws -> (alignment: GraphAlignment?, caches: [ActivationCache]) {
        let (mine, theirs) = (first.content.graph, second.content.graph)
        switch by {
        case nil: return (nil, [])
        case .depth: return (.byDepth(mine, theirs), [])
        case .name:
            guard let alignment = GraphAlignment.byName(mine, theirs) else {
                throw Failure(
                    .badData,
                    "\(first.source) and \(second.source): their graphs differ in shape, and can be "
                        + "aligned by depth or role only")
            }
            return (alignment, [])
        case .role:
            let caches = try activations.map { try ActivationCache($0) }
            let sides = [first, second]
            for (cache, circuit) in zip(caches, sides) { try check(cache, fits: circuit) }
            if let one = caches.first, let other = caches.last,
                one.dataset.content.task != other.dataset.content.task
            {
                verbosity.note(
                    "the activations are of different tasks, \(one.dataset.content.task) and "
                        + "\(other.dataset.content.task)")
            }
            let roles = try sides.enumerated().map { side, circuit in
                let roles = try circuit.content.headRoles(
                    activations: caches.isEmpty ? nil : caches[side])
                guard !roles.isEmpty else {
                    throw Failure(
                        .badData,
                        "\(circuit.source): the circuit has no heads to align by role (its level is "
                            + "\(circuit.content.graph.level))")
                }
                return roles
            }
            let matching = HeadMatching(roles[0], roles[1], least: leastSimilarity)
            return (.byRole(mine, theirs, matching: matching), caches)
        }
    }

    /// Refuses activations of another model than the circuit's, and says where they are of other pairs.
    private func check(_ cache: ActivationCache, fits circuit: Artifact<CircuitArtifact>) throws {
        if let model = circuit.content.model, model.digest != cache.model.digest {
            throw Failure(
                .badData,
                "\(cache.source): its model (\(cache.model.name), digest \(cache.model.digest.prefix(12))) "
                    + "isn't that of \(circuit.source) (\(model.name), digest \(model.digest.prefix(12))); "
                    + "give --activations in the order of the circuits")
        }
        if let digest = circuit.content.datasetDigest, digest != cache.dataset.digest {
            verbosity.note("\(cache.source) is of other pairs than \(circuit.source) was found on")
        }
    }
}
