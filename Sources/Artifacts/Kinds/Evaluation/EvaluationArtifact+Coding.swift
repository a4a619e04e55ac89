extension EvaluationArtifact: ArtifactContent {
    /// `evaluation`
    package static var kind: ArtifactKind { .evaluation }

    /// Encodes the value as a tree; throws `usage` where columns don't fit each other.
    package func makeContent() throws(ArtifactError) -> ContentGroup {
        var root = ContentGroup()
        root.set("metric", metric)
        root.set("ablation", ablation)
        root.set("dataset_digest", datasetDigest)
        root.groups["model"] = model?.content
        root.groups["subject"] = subject?.content
        root.groups["subject"]?.set("dataset_digest", subjectDatasetDigest)
        root.groups["truth"] = truth?.content
        root.groups["bootstrap"] = bootstrap?.content
        try graph?.write(into: &root)

        var table = ContentGroup()
        table.set("name", figures.map(\.name), dim: "figure", isScale: true)
        table.set("value", figures.map(\.value), dim: "figure")
        table.set("lower", figures.map(\.lower), dim: "figure")
        table.set("upper", figures.map(\.upper), dim: "figure")
        root.groups["figures"] = table
        table = ContentGroup()
        table.set("name", curves.map(\.name), dim: "curve", isScale: true)
        table.set("x_label", curves.map(\.xLabel), dim: "curve")
        table.set("y_label", curves.map(\.yLabel), dim: "curve")
        root.groups["curves"] = table
        root.groups["curve_points"] = try curves.points()

        try require(
            graph != nil || edgeColumns.isEmpty, "columns per edge without the graph they refer to")
        let edgeCount = graph?.edgeCount ?? 0
        try require(
            edgeColumns.values.allSatisfy { $0.count == edgeCount },
            "a column per edge that hasn't the \(edgeCount) values of its graph's edges")
        try require(
            Set(pairColumns.values.map(\.count)).count <= 1, "columns per pair of unequal length")
        root.groups["edge_columns"] = try Self.content(of: edgeColumns, dim: "edge")
        root.groups["pair_columns"] = try Self.content(of: pairColumns, dim: "pair")
        if !circuits.isEmpty {
            root.groups["circuits"] = try circuits.content(sharedEdges: sharedEdges)
        }
        return root
    }

    /// Decodes a validated tree.
    package init(content root: ContentGroup) throws(ArtifactError) {
        let figures = try root.group("figures")
        let names = try figures.values("name", as: String.self)
        let values = try figures.values("value", as: Double.self)
        let lower = try figures.values("lower", as: Double.self)
        let upper = try figures.values("upper", as: Double.self)
        var graph: GraphTable?
        if root.groups["graph"] != nil { graph = try GraphTable(from: root) }
        let edgeColumns = try Self.columns(root.group("edge_columns"))
        try check(
            graph != nil || edgeColumns.isEmpty, at: "/edge_columns",
            "columns per edge without the graph they refer to")
        var subject: ArtifactReference?
        if let group = root.groups["subject"] { subject = try ArtifactReference(group) }
        var truth: ArtifactReference?
        if let group = root.groups["truth"] { truth = try ArtifactReference(group) }
        var bootstrap: Bootstrap?
        if let group = root.groups["bootstrap"] { bootstrap = try Bootstrap(group) }
        self.init(
            model: try .optional(in: root), subject: subject, truth: truth,
            metric: try root.text("metric"), ablation: try root.text("ablation"),
            figures: names.indices.map {
                Figure(name: names[$0], value: values[$0], lower: lower[$0], upper: upper[$0])
            }, curves: try [Curve](from: root), bootstrap: bootstrap, graph: graph,
            edgeColumns: edgeColumns, pairColumns: try Self.columns(root.group("pair_columns")),
            datasetDigest: root.optionalText("dataset_digest"))
        subjectDatasetDigest = root.groups["subject"]?.optionalText("dataset_digest")
        if let group = root.groups["circuits"] {
            circuits = try [Circuit](from: group)
            sharedEdges = try group.array("shared_edges")
        }
    }

    private static func content(
        of columns: [String: [Double]], dim: String
    ) throws(ArtifactError) -> ContentGroup {
        var group = ContentGroup()
        for (name, column) in columns {
            try requireName(name)
            group.set(name, column, dim: dim)
        }
        return group
    }

    private static func columns(_ group: ContentGroup) throws(ArtifactError) -> [String: [Double]] {
        var columns: [String: [Double]] = [:]
        for name in group.datasets.keys { columns[name] = try group.values(name) }
        return columns
    }
}

extension EvaluationArtifact.Bootstrap {
    fileprivate var content: ContentGroup {
        var group = ContentGroup()
        group.set("samples", samples)
        group.set("confidence", confidence)
        group.set("seed", seed)
        return group
    }

    fileprivate init(_ group: ContentGroup) throws(ArtifactError) {
        self.init(
            samples: try group.integer("samples"), confidence: try group.number("confidence"),
            seed: try group.integer("seed"))
    }
}
