extension CircuitDiffArtifact: ArtifactContent {
    /// `circuit-diff`
    package static var kind: ArtifactKind { .circuitDiff }

    /// Encodes the value as a tree.
    package func makeContent() throws(ArtifactError) -> ContentGroup {
        var root = ContentGroup()
        root.set("alignment", alignment)
        root.set("edge_jaccard", edgeJaccard)
        root.set("node_jaccard", nodeJaccard)
        root.groups["first"] = first.content(dim: "first_unaligned")
        root.groups["second"] = second.content(dim: "second_unaligned")
        root.groups["edges"] = Self.content(of: edges, dim: "edge")
        root.groups["nodes"] = Self.content(of: nodes, dim: "node")
        var table = ContentGroup()
        table.set("group", summaries.map(\.group), dim: "summary", isScale: true)
        table.set("only_first", summaries.map { Int64($0.onlyFirst) }, dim: "summary")
        table.set("only_second", summaries.map { Int64($0.onlySecond) }, dim: "summary")
        table.set("both", summaries.map { Int64($0.both) }, dim: "summary")
        root.groups["summaries"] = table
        root.groups["heads"] = headMatches?.content
        return root
    }

    /// Decodes a validated tree.
    package init(content root: ContentGroup) throws(ArtifactError) {
        let table = try root.group("summaries")
        let groups = try table.values("group", as: String.self)
        let onlyFirst = try table.values("only_first", as: Int64.self)
        let onlySecond = try table.values("only_second", as: Int64.self)
        let both = try table.values("both", as: Int64.self)
        self.init(
            first: try Side(root.group("first")), second: try Side(root.group("second")),
            alignment: try root.text("alignment"), edges: try Self.entries(root.group("edges")),
            nodes: try Self.entries(root.group("nodes")),
            edgeJaccard: try root.number("edge_jaccard"),
            nodeJaccard: try root.number("node_jaccard"),
            summaries: groups.indices.map {
                Summary(
                    group: groups[$0], onlyFirst: Int(onlyFirst[$0]),
                    onlySecond: Int(onlySecond[$0]), both: Int(both[$0]))
            }, headMatches: try root.groups["heads"].map(HeadMatches.init))
    }

    private static func content(of entries: [Entry], dim: String) -> ContentGroup {
        var table = ContentGroup()
        table.set("name", entries.map(\.name), dim: dim, isScale: true)
        table.set("in_first", entries.map(\.inFirst), dim: dim)
        table.set("in_second", entries.map(\.inSecond), dim: dim)
        table.set("first_score", entries.map(\.firstScore), dim: dim)
        table.set("second_score", entries.map(\.secondScore), dim: dim)
        return table
    }

    private static func entries(_ table: ContentGroup) throws(ArtifactError) -> [Entry] {
        let names = try table.values("name", as: String.self)
        let inFirst = try table.values("in_first", as: Bool.self)
        let inSecond = try table.values("in_second", as: Bool.self)
        let firstScores = try table.values("first_score", as: Float.self)
        let secondScores = try table.values("second_score", as: Float.self)
        return names.indices.map {
            Entry(
                name: names[$0], inFirst: inFirst[$0], inSecond: inSecond[$0],
                firstScore: firstScores[$0], secondScore: secondScores[$0])
        }
    }
}

extension CircuitDiffArtifact.Side {
    fileprivate func content(dim: String) -> ContentGroup {
        var group = ContentGroup()
        group.set("threshold", threshold)
        group.set("edge_count", edgeCount)
        group.set("node_count", nodeCount)
        group.set("unaligned_nodes", unalignedNodes, dim: dim)
        group.groups["circuit"] = circuit.content
        group.groups["model"] = model?.content
        return group
    }

    fileprivate init(_ group: ContentGroup) throws(ArtifactError) {
        self.init(
            circuit: try ArtifactReference(group.group("circuit")),
            model: try .optional(in: group), threshold: group.optionalNumber("threshold"),
            edgeCount: try group.integer("edge_count"),
            nodeCount: try group.integer("node_count"),
            unalignedNodes: try group.values("unaligned_nodes"))
    }
}
