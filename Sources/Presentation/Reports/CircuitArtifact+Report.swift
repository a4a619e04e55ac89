import Artifacts
import Basics
import Graphs

extension CircuitArtifact {
    func addSummary(to report: inout Report) {
        report.add(model)
        report.add(graph)
        addMethod(to: &report)
        let edges = inCircuit.count { $0 }
        report.add(
            "edges",
            "\(Figures.count(edges)) of \(Figures.count(inCircuit.count)) in the circuit "
                + "(\(Figures.percent(edges, of: inCircuit.count)))")
        let nodes = nodeInCircuit.count { $0 }
        report.add("nodes", "\(Figures.count(nodes)) of \(Figures.count(nodeInCircuit.count))")
        if let neurons {
            let all = neuronCounts.map { $0.reduce(0) { $0 + Int($1) } }
            report.add(
                "neurons",
                Figures.count(neurons.values.count { $0 })
                    + (all.map { " of \(Figures.count($0))" } ?? ""))
        }
        if let keptShare {
            let (all, any) = (keptShare.count { $0 == 1 }, keptShare.count { $0 > 0 })
            report.add(
                "core",
                "\(Figures.count(all)) edges "
                    + (runs.isEmpty
                        ? "in every sample"
                        : "kept in all \(sharingRunCount) runs at threshold \((threshold ?? .nan).inSixDigits)")
                    + ", \(Figures.count(any)) in any")
        }
        if !decisions.isEmpty {
            let removed = decisions.count { $0.removed }
            report.add(
                "decisions",
                "\(Figures.count(decisions.count)) edges tested, "
                    + "\(Figures.count(removed)) removed, "
                    + "\(Figures.count(decisions.count - removed)) kept")
        }
        report.add("dataset", datasetDigest)
        report.add("cache", cacheDigest)
        report.add("scores", scoresDigest)
    }

    private func addMethod(to report: inout Report) {
        var text = method
        if let count = nominalEdgeCount { text += " of \(Figures.count(count)) edges" }
        if let threshold { text += ", threshold \(threshold.inSixDigits)" }
        if !order.isEmpty { text += ", order \(order)" }
        if !ablation.isEmpty { text += ", ablation \(ablation)" }
        if let pairs = pairsPerTest, let rate = errorRate {
            text += ", decided from \(pairs) pairs or more at error rate \(rate)"
        }
        report.add("method", text)
        guard !metric.isEmpty else { return }
        let values = [
            ("full model", fullMetric), ("circuit", circuitMetric),
            ("all corrupted", ablatedMetric),
        ].filter { !$0.1.isNaN }.map { "\($0.0) \(Figures.short($0.1))" }
        report.add(
            "metric",
            "\(MetricName.label(of: metric)): " + (values.isEmpty ? "not measured" : "")
                + values.joined(separator: ", "))
        report.add("its content", MetricName.content(of: metric))
    }

    func addTables(to report: inout Report, _ selection: ReportSelection) {
        report.add(runTable)
        report.add(layerTable)
        report.add(roleTable)
        if selection.decisions, decisions.isEmpty {
            report.add("decisions", "none: \(method) tests no edges one by one")
        } else if selection.decisions {
            report.add(decisionTable(selection), selectedBy: selection)
        } else {
            report.add(edgeTable(selection), selectedBy: selection)
        }
    }

    private func edgeTable(_ selection: ReportSelection) -> ReportTable {
        let scores = scores ?? []
        // Edges selected by name are listed whether they are in the circuit or not, in a column.
        let isFiltered = !selection.edge.isEmpty
        var listed = inCircuit.indices.filter { edge in
            (inCircuit[edge] || isFiltered) && selection.selects(graph.edgeName(edge))
        }
        func strength(_ edge: Int) -> Float {
            scores.isEmpty || scores[edge].isNaN ? -1 : scores[edge].magnitude
        }
        listed.sort { (strength($0), $1) > (strength($1), $0) }
        let title = isFiltered ? "edges named *\(selection.edge)*" : "edges in the circuit"
        return ReportTable(
            title: title + (scores.isEmpty ? "" : ", strongest first"),
            columns: ["edge", ">score"] + (isFiltered ? ["in circuit"] : [])
                + (keptShare == nil ? [] : [runs.isEmpty ? ">share" : ">kept in runs"]),
            rows: listed.map { edge in
                let score = scores.isEmpty ? "-" : Figures.signed(Double(scores[edge]))
                let membership = inCircuit[edge] ? "yes" : "no"
                let kept = keptShare.map { shares in
                    runs.isEmpty
                        ? Figures.fixed(Double(shares[edge]), digits: 3)
                        : "\(Int((shares[edge] * Float(sharingRunCount)).rounded())) of \(sharingRunCount)"
                }
                return [graph.edgeName(edge), score] + (isFiltered ? [membership] : [])
                    + (kept.map { [$0] } ?? [])
            })
    }

    /// The nodes in the circuit, one row for each layer.
    private var layerTable: ReportTable {
        var heads: [Int: [String]] = [:]
        var others: [Int: [String]] = [:]
        for (name, isIn) in zip(graph.nodes, nodeInCircuit) where isIn {
            guard let address = NodeAddress(name), let layer = address.layer else { continue }
            if address.role == .attention, let head = address.head, address.neuron == nil,
                address.position == nil
            {
                heads[layer, default: []].append("\(head)")
            } else {
                others[layer, default: []].append(name)
            }
        }
        let layers = Set(heads.keys).union(others.keys).sorted()
        return ReportTable(
            title: "nodes in the circuit", columns: [">layer", "heads", "others"],
            rows: layers.map { layer in
                let others = (others[layer] ?? [])
                let more = others.count > 8 ? " and \(others.count - 8) more" : ""
                return [
                    "\(layer)", (heads[layer] ?? []).joined(separator: " "),
                    others.prefix(8).joined(separator: " ") + more,
                ]
            }, isWhole: true)
    }

    /// The roles that nodes play, one row for each.
    private var roleTable: ReportTable {
        var nodes: [String: [String]] = [:]
        var names: [String] = []
        for (node, role) in zip(graph.nodes, roles ?? []) where !role.isEmpty {
            if nodes[role] == nil { names.append(role) }
            nodes[role, default: []].append(node)
        }
        return ReportTable(
            title: "roles", columns: ["role", "nodes"],
            rows: names.map { [$0, (nodes[$0] ?? []).joined(separator: " ")] }, isWhole: true)
    }

    private var runTable: ReportTable {
        ReportTable(
            title:
                "runs (--run N, or N behind the name as in circuit.h5#N, shows one as the circuit)",
            columns: [
                ">run", ">threshold", "order", ">seed", ">edges",
                metric.isEmpty ? ">metric" : ">\(metric)",
            ],
            rows: runs.enumerated().map { index, run in
                [
                    "\(index)", run.threshold.inSixDigits, run.order,
                    run.seed.map(String.init) ?? "",
                    Figures.count(run.inCircuit.count { $0 }), Figures.short(run.circuitMetric),
                ]
            })
    }

    /// The decision log, with the increase of the loss that each decision depends on.
    private func decisionTable(_ selection: ReportSelection) -> ReportTable {
        let limit = threshold.map(\.inSixDigits) ?? "the threshold"
        var rows: [[String]] = []
        for (index, decision) in decisions.enumerated() {
            let name = graph.edgeName(Int(decision.edge))
            guard selection.selects(name) else { continue }
            rows.append([
                "\(index + 1)", name, Figures.short(decision.before), Figures.short(decision.after),
                Figures.signed(decision.lossIncrease(metric: metric)),
                decision.removed ? "removed" : "kept",
            ])
        }
        return ReportTable(
            title: "decisions: an edge goes where cutting it raises the loss, "
                + "\(MetricSign.lossName(of: metric)), by less than \(limit)",
            columns: [
                ">", "edge", ">\(MetricName.label(of: metric)) before", ">after", ">loss increase",
                "decision",
            ], rows: rows)
    }
}
