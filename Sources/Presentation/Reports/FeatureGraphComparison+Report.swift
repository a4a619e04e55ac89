import Basics
package import Graphs

extension Report {
    /// The report on two attribution graphs, or circuits of features, compared.
    package init(_ comparison: FeatureGraphComparison) {
        self.init()
        for (side, (name, prompt)) in zip(
            ["first", "second"], zip(comparison.names, comparison.prompts))
        {
            add(side, "\(name), \(prompt)")
        }
        add("alignment", lines: comparison.notes)
        func counts(_ isIn: [(first: Bool, second: Bool)], _ jaccard: Double) -> String {
            let both = isIn.count { $0.first && $0.second }
            let first = isIn.count { $0.first } - both
            return "\(Figures.count(first)) only in the first, "
                + "\(Figures.count(isIn.count - first - both)) only in the second, "
                + "\(Figures.count(both)) in both; Jaccard \(Figures.fixed(jaccard, digits: 4))"
        }
        add(
            "kept edges",
            counts(comparison.edges.map { ($0.inFirst, $0.inSecond) }, comparison.edgeJaccard))
        add(
            "kept nodes",
            counts(comparison.nodes.map { ($0.inFirst, $0.inSecond) }, comparison.nodeJaccard))
        if let weights = comparison.weights {
            add(
                "weights",
                "of \(Figures.count(weights.count)) edges that both have: mean difference "
                    + "\(Figures.short(weights.meanAbsolute)), largest "
                    + "\(Figures.short(weights.maximum)) (\(weights.maximumEdge)), correlation "
                    + Figures.short(weights.correlation))
        }
        addTables(of: comparison)
    }

    private mutating func addTables(of comparison: FeatureGraphComparison) {
        func kept(_ inFirst: Bool, _ inSecond: Bool) -> String {
            inFirst ? inSecond ? "both" : "first" : "second"
        }
        func difference(_ node: FeatureGraphComparison.Node) -> Double {
            abs((node.first?.influence ?? 0) - (node.second?.influence ?? 0))
        }
        let nodes = comparison.nodes.enumerated().sorted {
            (difference($0.element), $1.offset) > (difference($1.element), $0.offset)
        }.map(\.element)
        func short(_ value: Double?) -> String { value.map(Figures.short) ?? "" }
        let hasShares = nodes.contains { $0.first?.share != nil || $0.second?.share != nil }
        add(
            ReportTable(
                title: "nodes, most different influence first",
                columns: [
                    "node", "kept in", ">first influence", ">second", ">first activation",
                    ">second",
                ] + (hasShares ? [">first share", ">second"] : []),
                rows: nodes.map { node in
                    [
                        node.name, kept(node.inFirst, node.inSecond), short(node.first?.influence),
                        short(node.second?.influence),
                        short(node.first.map { Double($0.activation) }),
                        short(node.second.map { Double($0.activation) }),
                    ] + (hasShares ? [short(node.first?.share), short(node.second?.share)] : [])
                }))
        let edges = comparison.edges.enumerated().sorted {
            (abs($0.element.difference), $1.offset) > (abs($1.element.difference), $0.offset)
        }.map(\.element)
        func signed(_ value: Float?) -> String { value.map { Figures.signed(Double($0)) } ?? "" }
        add(
            ReportTable(
                title: "edges, most different first",
                columns: ["edge", "kept in", ">first weight", ">second", ">difference"],
                rows: edges.map { edge in
                    [
                        edge.name, kept(edge.inFirst, edge.inSecond), signed(edge.firstWeight),
                        signed(edge.secondWeight), signed(edge.difference),
                    ]
                }))
    }
}
