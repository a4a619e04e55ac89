import Artifacts
import Basics
import Graphs

extension AttributionGraphArtifact {
    func addSummary(to report: inout Report) {
        report.add(model)
        report.add(transcoders)
        for (index, prompt) in prompts.enumerated() {
            let places = nodes(ofPrompt: index)
            let kept = places.count { nodes.kept[$0] }
            let edgePlaces = edges(ofPrompt: index)
            let keptEdges = edgePlaces.count { edges.kept[$0] }
            let features = places.count { nodes.features[$0] >= 0 }
            var lines = [
                prompt.name,
                "\(Figures.count(kept)) of \(Figures.count(places.count)) nodes and "
                    + "\(Figures.count(keptEdges)) of \(Figures.count(edgePlaces.count)) edges kept",
                "replacement score \(Figures.short(prompt.replacement)), completeness "
                    + Figures.short(prompt.completeness),
            ]
            if features < prompt.activeFeatureCount {
                lines.append(
                    "\(Figures.count(features)) of \(Figures.count(prompt.activeFeatureCount)) active "
                        + "features; with the others counted as errors, replacement "
                        + "\(Figures.short(prompt.replacementWithLeftOut)), completeness "
                        + Figures.short(prompt.completenessWithLeftOut))
            }
            report.add(
                prompts.count == 1 ? "prompt" : "prompt \(index)", lines: lines)
        }
        report.add(
            "thresholds",
            "nodes \(Figures.short(settings.nodeThreshold)), edges "
                + Figures.short(settings.edgeThreshold))
        report.add("dataset", datasetDigest)
    }

    func addTables(to report: inout Report, _ selection: ReportSelection) {
        selection.view?.addSummary(to: &report)
        selection.view?.addTables(to: &report)
        for prompt in prompts(in: selection) {
            let title = prompts.count == 1 ? "" : " of prompt \(prompt)"
            report.add(nodeTable(prompt, title))
            report.add(pathTable(prompt, title))
            report.add(edgeTable(prompt, title, selection), selectedBy: selection)
            if headLoadings != nil {
                report.add(headTable(prompt, title, selection), selectedBy: selection)
            }
        }
    }

    /// The prompts that are shown: all, or the chosen one if there is such.
    func prompts(in selection: ReportSelection) -> [Int] {
        prompts.indices.filter { selection.prompt == nil || selection.prompt == $0 }
    }

    private func nodeTable(_ prompt: Int, _ title: String) -> ReportTable {
        let order = nodes(ofPrompt: prompt)
            .filter { nodes.influences[$0] > 0 || nodes.probabilities[$0] > 0 }
            .sorted { (rank($0), $1) > (rank($1), $0) }
        return ReportTable(
            title: "nodes\(title), most influential first",
            columns: ["node", ">activation", ">influence", "kept"],
            rows: order.map { node in
                let isLogit = nodes.layers[node] == layerCount
                return [
                    label(of: node),
                    nodes.features[node] >= 0 ? Figures.short(Double(nodes.activations[node])) : "",
                    isLogit
                        ? "p \(Figures.short(nodes.probabilities[node]))"
                        : Figures.short(nodes.influences[node]),
                    nodes.kept[node] ? "yes" : "",
                ]
            })
    }

    /// Logits first, then by influence.
    private func rank(_ node: Int) -> Double {
        nodes.probabilities[node] > 0 ? 2 + nodes.probabilities[node] : nodes.influences[node]
    }

    private func pathTable(_ prompt: Int, _ title: String) -> ReportTable {
        ReportTable(
            title: "paths\(title), strongest first", columns: [">share", "path"],
            rows: strongestPaths(ofPrompt: prompt, count: 20).map { path in
                [
                    Figures.short(path.share),
                    path.nodes.map(label(of:)).joined(separator: " -> "),
                ]
            })
    }

    private func edgeTable(
        _ prompt: Int, _ title: String, _ selection: ReportSelection
    ) -> ReportTable {
        let order = edges(ofPrompt: prompt)
            .filter {
                selection.edge.isEmpty ? edges.kept[$0] : selection.selects(name(ofEdge: $0))
            }
            .sorted { (abs(edges.weights[$0]), $1) > (abs(edges.weights[$1]), $0) }
        return ReportTable(
            title: (selection.edge.isEmpty ? "kept edges" : "edges") + title + ", strongest first",
            columns: ["edge", ">weight"],
            rows: order.map { [label(ofEdge: $0), Figures.signed(Double(edges.weights[$0]))] })
    }

    /// The heads that carry kept edges between positions, the largest parts first.
    private func headTable(
        _ prompt: Int, _ title: String, _ selection: ReportSelection
    ) -> ReportTable {
        let loadings = edges(ofPrompt: prompt)
            .filter {
                edges.kept[$0] && crossesPositions($0) && selection.selects(name(ofEdge: $0))
            }
            .flatMap { headLoadings(ofEdge: $0) }
            .sorted { (abs($0.weight), $1.edge) > (abs($1.weight), $0.edge) }
        return ReportTable(
            title: "heads that carry kept edges between positions\(title), strongest first",
            columns: ["edge", "last head", ">part", ">share", ">through it"],
            rows: loadings.map { loading in
                let share = Double(loading.weight) / Double(edges.weights[loading.edge])
                return [
                    label(ofEdge: loading.edge), loading.head?.name ?? "none",
                    Figures.signed(Double(loading.weight)), Figures.fixed(share, digits: 2),
                    Figures.signed(Double(loading.through)),
                ]
            })
    }

    private func crossesPositions(_ edge: Int) -> Bool {
        nodes.positions[Int(edges.sources[edge])] != nodes.positions[Int(edges.targets[edge])]
    }

    /// A node's name, with its token, or its tokens' difference, where that is known.
    func label(of node: Int) -> String {
        guard let text = nodes.texts?[node], !text.isEmpty else { return nodes.names[node] }
        // A target that isn't one token's logit has quotes in its text.
        return "\(nodes.names[node]) \(nodes.tokens[node] < 0 ? text : text.debugDescription)"
    }

    private func label(ofEdge edge: Int) -> String {
        label(of: Int(edges.sources[edge])) + "->" + label(of: Int(edges.targets[edge]))
    }

    private func name(ofEdge edge: Int) -> String {
        nodes.names[Int(edges.sources[edge])] + "->" + nodes.names[Int(edges.targets[edge])]
    }
}

extension Report {
    /// Adds a line on the transcoders.
    mutating func add(_ transcoders: TranscoderReference) {
        add(
            "transcoders",
            "\(transcoders.name) (\(transcoders.kind), \(transcoders.activation), "
                + "\(Figures.count(transcoders.featureCount)) features a layer, "
                + "\(transcoders.inputHook) to \(transcoders.outputHook)), \(transcoders.path)")
    }
}
