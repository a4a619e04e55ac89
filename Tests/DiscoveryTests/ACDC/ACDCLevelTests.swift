import Artifacts
import Basics
import CircuitRuns
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Models
import Tasks
import Testing

/// ACDC on layers, heads, edges and each of these by position, against the obvious loop: for every
/// edge the whole model is evaluated anew without it.
@Suite("ACDC at every level")
struct ACDCLevelTests {
    /// A graph to search.
    struct Case: CustomStringConvertible {
        var family: String
        var level: GraphLevel
        var positions: Bool
        var metric = Metric.kl
        var ablation = Ablation.resample
        var threshold = 0.05

        var description: String {
            "\(family) \(level) \(positions ? "by position" : "") \(metric) \(ablation) \(threshold)"
        }

        func leveled(_ experiment: Experiment) throws -> LeveledGraph {
            try LeveledGraph(
                experiment.graph, at: level,
                forPromptsOf: positions ? experiment.clean.layout.lengths : nil)
        }
    }

    static let coarse = ReferencePairs.families.flatMap { family in
        [GraphLevel.layer, .head].flatMap { level in
            [Ablation.resample, .zero].map {
                Case(
                    family: family, level: level, positions: false, ablation: $0,
                    threshold: family != "tiny-gemma2" ? 0.05 : $0 == .zero ? 0.2 : 0.0005)
            }
        }
    }
    static let byPosition = [
        Case(family: "tiny-gpt2", level: .layer, positions: true, metric: .logitDifference),
        Case(family: "tiny-gpt2", level: .head, positions: true),
        Case(family: "tiny-gpt2", level: .edge, positions: true, threshold: 0.1),
        Case(family: "tiny-llama-gqa", level: .head, positions: true, ablation: .mean),
        Case(family: "tiny-llama-gqa", level: .edge, positions: true, threshold: 0.2),
        Case(family: "tiny-gpt-neox", level: .edge, positions: true, threshold: 0.03),
        Case(family: "tiny-gemma2", level: .head, positions: true, threshold: 0.0005),
    ]

    @Test("Layers and heads: the decisions of the obvious loop", arguments: coarse)
    func coarserLevels(_ one: Case) throws { try compare(one) }

    @Test("By position: the decisions of the obvious loop", arguments: byPosition)
    func positions(_ one: Case) throws { try compare(one) }

    @Test(
        "From a given circuit: the decisions of the obvious loop there",
        arguments: [
            Case(family: "tiny-gpt2", level: .edge, positions: false, threshold: 0.2),
            Case(family: "tiny-gemma2", level: .edge, positions: false, threshold: 0.001),
            Case(family: "tiny-llama-gqa", level: .head, positions: false, threshold: 0.2),
            Case(family: "tiny-gpt2", level: .head, positions: true, threshold: 0.2),
        ])
    func start(_ one: Case) throws {
        let experiment = try ReferencePairs(one.family).experiment(one.metric)
        let own = LeveledGraph(experiment.graph)
        let leveled = try one.leveled(experiment)
        // The circuit of a lower threshold, at the level itself, or at that of its heads.
        let coarser = one.positions ? try LeveledGraph(experiment.graph, at: .head) : leveled
        let circuit = ACDC(experiment, at: coarser).run(at: one.threshold / 10).inCircuit
        #expect(circuit.contains(true) && circuit.contains(false))
        let start = try leveled.circuit(circuit, of: coarser)
        #expect(start.count == leveled.table.edgeCount)
        try compare(one, startingFrom: start)
        if one.positions {
            // What is finer than the search can't be where it starts.
            let error = #expect(throws: Failure.self) { try own.circuit(start, of: leveled) }
            #expect(error?.kind == .usage)
        }
    }

    @Test("Starting from the whole graph is the search of the whole graph")
    func wholeStart() throws {
        let experiment = try ReferencePairs("tiny-llama").experiment(.kl)
        let whole = ACDC(experiment).run(at: 0.1)
        let start = [Bool](repeating: true, count: experiment.graph.edgeCount)
        let given = ACDC(experiment, startingFrom: start).run(at: 0.1)
        #expect(given.inCircuit == whole.inCircuit)
        #expect(given.decisions.map(\.edge) == whole.decisions.map(\.edge))
        #expect(abs(given.fullMetric - whole.fullMetric) < 1e-6)
    }

    @Test("By position, neither threads nor interruptions nor waves change a search")
    func invariance() throws {
        func search(threads: Int, speculative: Bool = true) throws -> ACDC {
            let experiment = try ReferencePairs("tiny-gpt2", threads: threads).experiment(.kl)
            return ACDC(
                experiment,
                at: try LeveledGraph(
                    experiment.graph, at: .head, forPromptsOf: experiment.clean.layout.lengths),
                options: ACDC.Options(speculative: speculative))
        }
        let acdc = try search(threads: 1)
        let whole = acdc.run(at: 0.05)
        #expect(try search(threads: 3).run(at: 0.05).decisions == whole.decisions)
        let single = try search(threads: 1, speculative: false).run(at: 0.05)
        #expect(single.decisions.map(\.removed) == whole.decisions.map(\.removed))
        for count in stride(from: 0, through: whole.decisions.count, by: 31) {
            let resumed = acdc.run(
                at: 0.05, replay: .exactly([], thenResuming: Array(whole.decisions.prefix(count))),
                journal: { (_) throws(Never) in })
            #expect(resumed.decisions == whole.decisions)
        }
    }

    private func compare(_ one: Case, startingFrom start: [Bool]? = nil) throws {
        let experiment = try ReferencePairs(one.family).experiment(
            one.metric, ablation: one.ablation)
        let leveled = try one.leveled(experiment)
        let result = ACDC(experiment, at: leveled, startingFrom: start).run(at: one.threshold)
        var loop = ObviousLoop(experiment, leveled)
        let expected = loop.run(at: one.threshold, startingFrom: start)
        let label = Comment(rawValue: one.description)
        let table = leveled.table
        #expect(
            result.decisions.map { table.edgeName(Int($0.edge)) }
                == expected.map { table.edgeName(Int($0.edge)) }, label)
        #expect(result.decisions.map(\.removed) == expected.map(\.removed), label)
        let gaps = zip(result.decisions, expected).map { own, other in
            max(abs(own.before - other.before), abs(own.after - other.after))
                / max(1, abs(other.after))
        }
        #expect((gaps.max() ?? 0) < 5e-5, label)
        #expect(result.inCircuit == loop.inCircuit, label)
        #expect(
            result.decisions.contains { $0.removed } && result.decisions.contains { !$0.removed })
        let fresh = LevelEvaluator(experiment, of: leveled).mean(of: result.inCircuit)
        #expect(abs(fresh - result.circuitMetric) < 1e-4 * max(1, abs(fresh)), label)
    }
}

/// ACDC as one would write it down, from nothing but the names of a graph's edges and the metric of a
/// circuit.
private struct ObviousLoop {
    private let experiment: Experiment
    private let table: GraphTable
    private let evaluator: LevelEvaluator
    private let nodes: [NodeAddress]
    private let receivers: [NodeAddress]
    private var edgesInto: [[Int]]
    private var edgesFrom: [[Int]]
    /// The receivers that each node reads, and the other way round.
    private var receiversOfNode: [[Int]]
    private var readersOf: [[Int]]
    private(set) var inCircuit: [Bool]

    init(_ experiment: Experiment, _ leveled: LeveledGraph) {
        self.experiment = experiment
        table = leveled.table
        evaluator = LevelEvaluator(experiment, of: leveled)
        nodes = table.nodes.compactMap { NodeAddress($0) }
        receivers = table.receivers.compactMap { NodeAddress($0) }
        inCircuit = []
        edgesInto = receivers.map { _ in [] }
        edgesFrom = nodes.map { _ in [] }
        for edge in 0..<table.edgeCount {
            edgesInto[Int(table.receiverOfEdge[edge])].append(edge)
            edgesFrom[Int(table.senderOfEdge[edge])].append(edge)
        }
        receiversOfNode = nodes.map { _ in [] }
        readersOf = receivers.map { _ in [] }
        for node in nodes.indices {
            for receiver in receivers.indices where reads(nodes[node], receivers[receiver]) {
                receiversOfNode[node].append(receiver)
                readersOf[receiver].append(node)
            }
        }
    }

    mutating func run(at threshold: Double, startingFrom start: [Bool]?) -> [Decision] {
        inCircuit = start ?? [Bool](repeating: true, count: table.edgeCount)
        var decisions: [Decision] = []
        var current = loss
        let order = receivers.indices.sorted {
            rank(receivers[$0]).lexicographicallyPrecedes(rank(receivers[$1]))
        }
        for receiver in order {
            let edges = edgesInto[receiver].filter { inCircuit[$0] }
            let isRead = readersOf[receiver].contains { nodes[$0].role == .logits || hasOutput($0) }
            guard isRead else {
                for edge in edges { inCircuit[edge] = false }
                continue
            }
            let ordered = edges.sorted {
                senderRank($0).lexicographicallyPrecedes(senderRank($1))
            }
            for edge in ordered {
                inCircuit[edge] = false
                let new = loss
                let removed = new - current < threshold
                decisions.append(
                    Decision(edge: Int32(edge), before: current, after: new, removed: removed))
                if removed { current = new } else { inCircuit[edge] = true }
            }
            if experiment.ablation == .resample { dropRedundantNodes() }
        }
        return decisions
    }

    private var loss: Double {
        experiment.metric.lossSign * evaluator.mean(of: inCircuit)
    }

    /// Logits first, then from the last layer down the MLP, the values, keys and queries of its heads,
    /// each from the last head and the last position.
    private func rank(_ receiver: NodeAddress) -> [Int] {
        let kind: Int
        switch (receiver.role, receiver.slot) {
        case (.logits, _), (.mlp, _), (.input, _): kind = 0
        case (_, "v"?): kind = 1
        case (_, "k"?): kind = 2
        case (_, "q"?): kind = 3
        case (.keyValueHead, _): kind = 1
        case (.attention, _): kind = 3
        }
        return [
            -(receiver.layer ?? Int.max), kind, -(receiver.head ?? 0), -(receiver.position ?? 0),
        ]
    }

    private func senderRank(_ edge: Int) -> [Int] {
        let sender = nodes[Int(table.senderOfEdge[edge])]
        return [-(sender.layer ?? -1), sender.role == .mlp ? 0 : 1, -(sender.head ?? 0)]
    }

    /// Whether a node reads what a receiver makes.
    private func reads(_ node: NodeAddress, _ receiver: NodeAddress) -> Bool {
        guard node.layer == receiver.layer else { return false }
        let atSamePosition = node.position == receiver.position
        switch receiver.role {
        case .input: return false
        case .logits: return node.role == .logits
        case .mlp: return node.role == .mlp && atSamePosition
        case .attention, .keyValueHead:
            guard node.role == .attention else { return false }
            let head =
                receiver.role == .keyValueHead
                ? node.head.map { $0 * table.nKeyValueHeads / table.nHeads } : node.head
            guard head == receiver.head else { return false }
            guard receiver.slot != "q",
                receiver.role == .keyValueHead || receiver.slot != nil
                    || !sharesKeys || receiver.head == nil,
                let own = node.position, let other = receiver.position
            else { return atSamePosition }
            return own >= other
        }
    }

    /// Whether heads share keys, so that `a3.h7` is a receiver of queries alone.
    private var sharesKeys: Bool { table.nKeyValueHeads < table.nHeads }

    private func hasOutput(_ node: Int) -> Bool {
        edgesFrom[node].contains { inCircuit[$0] }
    }

    /// A node that receives nothing outputs what it outputs in the corrupted run: what it sends counts
    /// for nothing.
    private mutating func dropRedundantNodes() {
        var changed = true
        while changed {
            changed = false
            for (number, node) in nodes.enumerated()
            where node.role != .input && node.role != .logits && hasOutput(number) {
                let receivesAny = receiversOfNode[number].contains { receiver in
                    edgesInto[receiver].contains { inCircuit[$0] }
                }
                if receivesAny { continue }
                for edge in edgesFrom[number] { inCircuit[edge] = false }
                changed = true
            }
        }
    }
}
