import Artifacts
import Basics
import Graphs

extension EvaluationArtifact {
    /// The circuits that were judged together; empty where none was run.
    var circuitTable: ReportTable {
        let judged = circuits.filter { !$0.metric.value.isNaN }
        let level = bootstrap.map { "\(Figures.plain($0.confidence * 100))% interval" }
        func cells(_ estimate: Estimate) -> [String] {
            [Figures.short(estimate.value)]
                + (level == nil
                    ? []
                    : ["[\(Figures.short(estimate.lower)), \(Figures.short(estimate.upper))]"])
        }
        let interval = level.map { [$0] } ?? []
        // Columns that tell the circuits apart.
        let traits: [(name: String, of: (Circuit) -> String)] = [
            ("order", \.order), ("level", \.level),
        ].filter { trait in Set(judged.map(trait.of)).count > 1 }
        let ofLevel = traits.contains { $0.name == "level" } ? " of its level" : ""
        return ReportTable(
            title: "circuits, their edges against \(metric); * is on the Pareto front\(ofLevel)",
            columns: ["circuit", "method"] + traits.map(\.name)
                + [">threshold", ">edges", ">nodes", ">\(metric)"]
                + interval + [">faithfulness"] + interval + ["pairs", "front"],
            rows: judged.map { circuit in
                [circuit.name, circuit.method]
                    + traits.map { $0.of(circuit).isEmpty ? "-" : $0.of(circuit) } + [
                        circuit.threshold.map(\.inSixDigits) ?? "-",
                        Figures.count(circuit.edgeCount), Figures.count(circuit.nodeCount),
                    ] + cells(circuit.metric) + cells(circuit.faithfulness) + [
                        isHeldOut(circuit).map { $0 ? "held-out" : "its own" } ?? "-",
                        circuit.isOnFront ? "*" : "",
                    ]
            }, isWhole: true)
    }

    /// How many edges each two circuits have in common.
    var sharedEdgeTable: ReportTable {
        let count = circuits.count
        return ReportTable(
            title: "edges in both circuits; on the diagonal those of one",
            columns: [">", "circuit"] + circuits.indices.map { ">\($0)" },
            rows: sharedEdges.map { shared in
                circuits.indices.map { first in
                    ["\(first)", circuits[first].name]
                        + (0..<count).map { Figures.count(Int(shared.values[first * count + $0])) }
                }
            } ?? [], isWhole: true)
    }

    /// The edges that would be found again, the surest first.
    var stabilityTable: ReportTable {
        let shares = edgeColumns["stability"] ?? []
        let scores = edgeColumns["score"]
        let order = shares.indices.filter { shares[$0] > 0 }.sorted { first, second in
            let strengths = [first, second].map { abs(scores?[$0] ?? 0) }
            return (shares[first], strengths[0], second) > (shares[second], strengths[1], first)
        }
        let samples = circuits.isEmpty ? "samples of the pairs" : "circuits"
        return ReportTable(
            title: "edges by the share of \(samples) that have them",
            columns: ["edge", ">share"] + (scores == nil ? [] : [">score"]),
            rows: order.map { edge in
                [graph?.edgeName(edge) ?? "\(edge)", Figures.fixed(shares[edge], digits: 3)]
                    + (scores.map { [Figures.signed($0[edge])] } ?? [])
            })
    }

    /// Whether it was judged on other pairs than it was made from, as a line of the summary.
    var heldOutLine: String? {
        let states = circuits.isEmpty ? [isHeldOut] : circuits.map { isHeldOut($0) }
        guard let first = states.first, states.allSatisfy({ $0 == first }), let first else {
            return nil
        }
        return first
            ? "held-out: judged on other pairs than it was made from"
            : "judged on the pairs that it was made from"
    }
}
