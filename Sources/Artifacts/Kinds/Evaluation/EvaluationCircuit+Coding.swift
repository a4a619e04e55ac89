import Basics

extension [EvaluationArtifact.Circuit] {
    /// Encodes the group `circuits`: a row for each circuit.
    /// - Parameter sharedEdges: how many edges each two have in common, `[circuit, circuit]`.
    func content(sharedEdges: DenseArray<Int64>?) throws(ArtifactError) -> ContentGroup {
        let pairCount = first?.values.count ?? 0
        try require(
            allSatisfy { $0.values.count == pairCount },
            "circuits run on different numbers of pairs")
        var group = ContentGroup()
        group.set("kind", map(\.file.kind.rawValue), dim: "circuit")
        group.set("digest", map(\.file.digest), dim: "circuit")
        group.attributes["path"] = .strings(map(\.file.path))
        group.set("run", map { Int32($0.run ?? -1) }, dim: "circuit")
        group.set("share", map { $0.share ?? .nan }, dim: "circuit")
        group.set("method", map(\.method), dim: "circuit")
        group.set("threshold", map { $0.threshold ?? .nan }, dim: "circuit")
        group.set("order", map(\.order), dim: "circuit")
        if contains(where: { !$0.level.isEmpty }) {
            group.set("level", map(\.level), dim: "circuit")
        }
        group.set("edge_count", map { Int64($0.edgeCount) }, dim: "circuit")
        group.set("node_count", map { Int64($0.nodeCount) }, dim: "circuit")
        group.set("dataset_digest", map { $0.datasetDigest ?? "" }, dim: "circuit")
        for (name, column) in [("metric", map(\.metric)), ("faithfulness", map(\.faithfulness))] {
            group.set(name, column.map(\.value), dim: "circuit")
            group.set(name + "_lower", column.map(\.lower), dim: "circuit")
            group.set(name + "_upper", column.map(\.upper), dim: "circuit")
        }
        group.set("on_front", map(\.isOnFront), dim: "circuit")
        if pairCount > 0 {
            group.set(
                "metric_per_pair",
                DenseArray(shape: [count, pairCount], values: flatMap(\.values)),
                dims: ["circuit", "pair"])
        }
        group.set("shared_edges", sharedEdges, dims: ["circuit", "circuit"])
        return group
    }

    /// Decodes the group `circuits`.
    init(from group: ContentGroup) throws(ArtifactError) {
        let kinds = try group.values("kind", as: String.self)
        let digests = try group.values("digest", as: String.self)
        let paths = group.texts("path")
        try check(
            paths.count == kinds.count, at: "/circuits/@path", "it isn't a path for each circuit")
        let runs = try group.values("run", as: Int32.self)
        let shares = try group.values("share", as: Double.self)
        let methods = try group.values("method", as: String.self)
        let thresholds = try group.values("threshold", as: Double.self)
        let orders = try group.values("order", as: String.self)
        let levels = try group.optionalValues("level", as: String.self)
        let edgeCounts = try group.values("edge_count", as: Int64.self)
        let nodeCounts = try group.values("node_count", as: Int64.self)
        let datasets = try group.values("dataset_digest", as: String.self)
        let metrics = try Self.estimates("metric", in: group)
        let faithfulness = try Self.estimates("faithfulness", in: group)
        let onFront = try group.values("on_front", as: Bool.self)
        let values = try group.array("metric_per_pair", of: Double.self)
        self = []
        for row in kinds.indices {
            guard let kind = ArtifactKind(rawValue: kinds[row]) else {
                throw ArtifactError(.badData, path: "/circuits/kind", "'\(kinds[row])' is no kind")
            }
            append(
                EvaluationArtifact.Circuit(
                    file: ArtifactReference(kind: kind, digest: digests[row], path: paths[row]),
                    run: runs[row] < 0 ? nil : Int(runs[row]),
                    share: shares[row].isNaN ? nil : shares[row], method: methods[row],
                    threshold: thresholds[row].isNaN ? nil : thresholds[row], order: orders[row],
                    level: levels?[row] ?? "",
                    edgeCount: Int(edgeCounts[row]), nodeCount: Int(nodeCounts[row]),
                    datasetDigest: datasets[row].isEmpty ? nil : datasets[row],
                    metric: metrics[row], faithfulness: faithfulness[row],
                    values: values.map { Array<Double>($0[row: row]) } ?? [],
                    isOnFront: onFront[row]))
        }
    }

    private static func estimates(
        _ name: String, in group: ContentGroup
    ) throws(ArtifactError) -> [EvaluationArtifact.Estimate] {
        let values = try group.values(name, as: Double.self)
        let lower = try group.values(name + "_lower", as: Double.self)
        let upper = try group.values(name + "_upper", as: Double.self)
        return values.indices.map {
            EvaluationArtifact.Estimate(value: values[$0], lower: lower[$0], upper: upper[$0])
        }
    }
}
