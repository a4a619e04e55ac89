import Tasks
import Graphs
package import Artifacts
package import Basics

/// What of a circuit or of scores a report shows.
package struct ReportSelection: Hashable, Sendable {
    /// Only edges whose name contains this; empty for all.
    package var edge: String
    /// Whether to show the decision log.
    package var decisions: Bool

    /// Selects all edges, without the decision log, unless told otherwise.
    package init(edge: String = "", decisions: Bool = false) {
        self.edge = edge
        self.decisions = decisions
    }

    /// Whether an edge of this name is selected.
    func selects(_ name: String) -> Bool { edge.isEmpty || name.contains(edge) }
}

extension Report {
    /// A circuit, or that of one of its further runs.
    init(
        _ artifact: Artifact<CircuitArtifact>, header: ArtifactHeader, _ chosen: ReportSelection,
        run: Int?
    ) throws(Failure) {
        self.init(header: header, source: artifact.source)
        var circuit = artifact.content
        if let run { circuit = try circuit.selectingRun(run) }
        add(circuit.model)
        add(circuit.graph)
        addMethod(of: circuit)
        let edges = circuit.inCircuit.count { $0 }
        let nodes = circuit.nodeInCircuit.count { $0 }
        add(
            "edges",
            "\(Figures.count(edges)) of \(Figures.count(circuit.inCircuit.count)) in the circuit "
                + "(\(Figures.percent(edges, of: circuit.inCircuit.count)))")
        add("nodes", "\(Figures.count(nodes)) of \(Figures.count(circuit.nodeInCircuit.count))")
        if let neurons = circuit.neurons {
            let all = circuit.neuronCounts.map { $0.reduce(0) { $0 + Int($1) } }
            add(
                "neurons",
                Figures.count(neurons.values.count { $0 })
                    + (all.map { " of \(Figures.count($0))" } ?? ""))
        }
        if let shares = circuit.keptShare {
            let (all, any) = (shares.count { $0 == 1 }, shares.count { $0 > 0 })
            add(
                "core",
                "\(Figures.count(all)) edges kept in all \(circuit.runs.count) runs, "
                    + "\(Figures.count(any)) in any")
        }
        if !circuit.decisions.isEmpty {
            let removed = circuit.decisions.count { $0.removed }
            add(
                "decisions",
                "\(Figures.count(circuit.decisions.count)) edges tested, "
                    + "\(Figures.count(removed)) removed, "
                    + "\(Figures.count(circuit.decisions.count - removed)) kept")
        }
        add("dataset", circuit.datasetDigest)
        add("cache", circuit.cacheDigest)
        add("scores", circuit.scoresDigest)
        add(artifact.provenance)
        add(Self.runs(circuit))
        add(Self.layers(circuit))
        if chosen.decisions, circuit.decisions.isEmpty {
            add("decisions", "none: \(circuit.method) tests no edges one by one")
        } else if chosen.decisions {
            add(Self.decisions(circuit, chosen), asking: chosen)
        } else {
            add(Self.edges(circuit, chosen), asking: chosen)
        }
    }

    private mutating func addMethod(of circuit: CircuitArtifact) {
        var method = circuit.method
        if let count = circuit.nominalEdgeCount { method += " of \(Figures.count(count)) edges" }
        if let threshold = circuit.threshold { method += ", threshold \(threshold)" }
        if !circuit.order.isEmpty { method += ", order \(circuit.order)" }
        if !circuit.ablation.isEmpty { method += ", ablation \(circuit.ablation)" }
        if let pairs = circuit.pairsPerTest, let rate = circuit.errorRate {
            method += ", decided from \(pairs) pairs or more at error rate \(rate)"
        }
        add("method", method)
        let values = [
            ("full model", circuit.fullMetric), ("circuit", circuit.circuitMetric),
            ("all corrupted", circuit.corruptedMetric),
        ].filter { !$0.1.isNaN }.map {
            "\($0.0) \(Figures.short($0.1 * Self.sign(ofMetric: circuit.metric)))"
        }
        guard !circuit.metric.isEmpty else { return }
        add(
            "metric",
            "\(circuit.metric): " + (values.isEmpty ? "not measured" : "")
                + values.joined(separator: ", "))
    }

    /// What turns a metric as it is stored, minimised, back into itself.
    static func sign(ofMetric name: String) -> Double {
        Metric(rawValue: name)?.lossSign ?? 1
    }

    private static func edges(_ circuit: CircuitArtifact, _ chosen: ReportSelection) -> ReportTable
    {
        let graph = circuit.graph
        let scores = circuit.scores ?? []
        var listed = circuit.inCircuit.indices.filter { edge in
            // An edge asked for by name is shown whether it is in the circuit or not.
            (circuit.inCircuit[edge] || !chosen.edge.isEmpty)
                && chosen.selects(graph.edgeName(edge))
        }
        func strength(_ edge: Int) -> Float {
            scores.isEmpty || scores[edge].isNaN ? -1 : scores[edge].magnitude
        }
        listed.sort { (strength($0), $1) > (strength($1), $0) }
        // Which edges are in the circuit needs saying only where others are listed too.
        let isFiltered = !chosen.edge.isEmpty
        let title = isFiltered ? "edges named *\(chosen.edge)*" : "edges in the circuit"
        let shares = circuit.keptShare
        return ReportTable(
            title: title + (scores.isEmpty ? "" : ", strongest first"),
            columns: ["edge", ">score"] + (isFiltered ? ["in circuit"] : [])
                + (shares == nil ? [] : [">kept in runs"]),
            rows: listed.map { edge in
                let score = scores.isEmpty ? "-" : Figures.signed(Double(scores[edge]))
                let membership = circuit.inCircuit[edge] ? "yes" : "no"
                let keeping = shares.map { Int(($0[edge] * Float(circuit.runs.count)).rounded()) }
                return [graph.edgeName(edge), score] + (isFiltered ? [membership] : [])
                    + (keeping.map { ["\($0) of \(circuit.runs.count)"] } ?? [])
            })
    }

    /// The nodes in the circuit, a row a layer.
    private static func layers(_ circuit: CircuitArtifact) -> ReportTable {
        var heads: [Int: [String]] = [:]
        var others: [Int: [String]] = [:]
        for (name, isIn) in zip(circuit.graph.nodes, circuit.nodeInCircuit) where isIn {
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

    private static func runs(_ circuit: CircuitArtifact) -> ReportTable {
        ReportTable(
            title: "runs (--run N shows one as the circuit)",
            columns: [">run", ">threshold", "order", ">seed", ">edges", ">metric"],
            rows: circuit.runs.enumerated().map { index, run in
                [
                    "\(index)", "\(run.threshold)", run.order, run.seed.map(String.init) ?? "",
                    Figures.count(run.inCircuit.count { $0 }), Figures.short(run.circuitMetric),
                ]
            })
    }

    /// The decision log, with the reason for each decision.
    private static func decisions(
        _ circuit: CircuitArtifact, _ chosen: ReportSelection
    ) -> ReportTable {
        let limit = circuit.threshold.map { "\($0)" } ?? "the threshold"
        var rows: [[String]] = []
        for (index, decision) in circuit.decisions.enumerated() {
            let name = circuit.graph.edgeName(Int(decision.edge))
            guard chosen.selects(name) else { continue }
            let change = decision.after - decision.before
            rows.append([
                "\(index + 1)", name, Figures.short(decision.before), Figures.short(decision.after),
                Figures.signed(change), decision.removed ? "removed" : "kept",
            ])
        }
        return ReportTable(
            title: "decisions: an edge goes where cutting it changes \(circuit.metric) by less "
                + "than \(limit)",
            columns: [">", "edge", ">before", ">after", ">change", "decision"], rows: rows)
    }
}

extension CircuitArtifact {
    /// The circuit of one of the further runs, in place of the main one.
    ///
    /// - Throws: ``Failure`` (usage) if there is no such run.
    package func selectingRun(_ index: Int) throws(Failure) -> CircuitArtifact {
        guard runs.indices.contains(index) else {
            throw Failure(
                .usage,
                runs.isEmpty
                    ? "the artifact has one circuit only; leave --run out"
                    : "there is no run \(index); give --run 0 to \(runs.count - 1)")
        }
        let run = runs[index]
        var circuit = self
        circuit.inCircuit = run.inCircuit
        circuit.nodeInCircuit = try GraphTopology(graph).nodes(of: run.inCircuit)
        circuit.threshold = run.threshold
        circuit.order = run.order
        circuit.circuitMetric = run.circuitMetric
        circuit.decisions = decisions(of: index)
        circuit.runs = []
        return circuit
    }

    /// All decisions of a run, those shared with the runs it parted from first.
    private func decisions(of index: Int) -> [Decision] {
        let run = runs[index]
        // A parent comes before its child, or the chain could go round in a circle.
        guard let parent = run.parent, (0..<index).contains(parent) else { return run.decisions }
        return decisions(of: parent).prefix(run.sharedDecisions) + run.decisions
    }
}
