package import Artifacts

extension CircuitDiffArtifact {
    /// The comparison of two circuits as an artifact.
    ///
    /// - Parameters:
    ///   - comparison: What was found.
    ///   - first: The first circuit and where it was read from.
    ///   - second: The second circuit and where it was read from.
    package init(
        _ comparison: CircuitComparison, first: (CircuitArtifact, ArtifactReference),
        second: (CircuitArtifact, ArtifactReference)
    ) {
        self.init(
            first: Side(first.0, first.1, names: comparison.alignment.first),
            second: Side(second.0, second.1, names: comparison.alignment.second),
            alignment: comparison.alignment.method.rawValue, edges: comparison.edges,
            nodes: comparison.nodes, edgeJaccard: comparison.edgeJaccard,
            nodeJaccard: comparison.nodeJaccard, summaries: comparison.summaries,
            headMatches: comparison.alignment.matching.map(HeadMatches.init))
    }

    /// Compares two circuits that were read.
    ///
    /// - Parameter alignment: As ``CircuitComparison`` takes it.
    /// - Returns: What is stored of the comparison, and all of it.
    package static func comparing(
        _ first: Artifact<CircuitArtifact>, _ second: Artifact<CircuitArtifact>,
        alignment: GraphAlignment? = nil
    ) -> (diff: CircuitDiffArtifact, comparison: CircuitComparison) {
        let comparison = CircuitComparison(
            first.content, second.content, alignment: alignment)
        let diff = CircuitDiffArtifact(
            comparison, first: (first.content, first.reference),
            second: (second.content, second.reference))
        return (diff, comparison)
    }
}

extension CircuitDiffArtifact.Side {
    fileprivate init(
        _ circuit: CircuitArtifact, _ reference: ArtifactReference, names: GraphAlignment.Names
    ) {
        self.init(
            circuit: reference, model: circuit.model, threshold: circuit.threshold,
            edgeCount: circuit.inCircuit.count { $0 },
            nodeCount: circuit.nodeInCircuit.count { $0 },
            unalignedNodes: circuit.unalignedNodes(names))
    }
}

extension CircuitDiffArtifact.HeadMatches {
    fileprivate init(_ matching: HeadMatching) {
        let parts = matching.parts
        self.init(
            least: matching.least, meanSimilarity: matching.meanSimilarity,
            first: matching.matches.map(\.first.name), second: matching.matches.map(\.second.name),
            similarity: matching.matches.map(\.similarity.value),
            gap: matching.matches.map { $0.gap ?? .nan }, partNames: parts.map(\.rawValue),
            parts: DenseArray(
                shape: [matching.matches.count, parts.count],
                values: matching.matches.flatMap { match in
                    parts.map { match.similarity.parts[$0] ?? .nan }
                }),
            firstRoles: matching.matches.map(\.first.summary),
            secondRoles: matching.matches.map(\.second.summary))
    }
}

extension CircuitDiffArtifact.Summary {
    /// Counts of `edges` by the receiver's layer, then by type of sender and receiver, each in the
    /// order of computation.
    static func summaries(
        of edges: [CircuitDiffArtifact.Entry]
    ) -> [CircuitDiffArtifact.Summary] {
        var layers: [Int: Self] = [:]
        var types: [String: Self] = [:]
        for edge in edges {
            let (sender, receiver) = ends(of: edge.name)
            let layer = receiver?.layer ?? .max
            let layerName = receiver?.layer.map { "layer \($0)" } ?? "logits"
            let type = "\(sender?.roleName ?? "other")->\(receiver?.roleName ?? "other")"
            layers[layer, default: Self(group: layerName)].count(edge)
            types[type, default: Self(group: type)].count(edge)
        }
        return layers.sorted { $0.key < $1.key }.map(\.value)
            + types.sorted { $0.key < $1.key }.map(\.value)
    }

    private init(group: String) {
        self.init(group: group, onlyFirst: 0, onlySecond: 0, both: 0)
    }

    private mutating func count(_ edge: CircuitDiffArtifact.Entry) {
        switch (edge.inFirst, edge.inSecond) {
        case (true, true): both += 1
        case (true, false): onlyFirst += 1
        case (false, true): onlySecond += 1
        case (false, false): break
        }
    }

    private static func ends(of name: String) -> (NodeAddress?, NodeAddress?) {
        guard let arrow = name.firstRange(of: "->") else { return (nil, nil) }
        return (
            NodeAddress(String(name[..<arrow.lowerBound])),
            NodeAddress(String(name[arrow.upperBound...]))
        )
    }
}
