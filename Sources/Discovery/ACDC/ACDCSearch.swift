import Artifacts
import CircuitRuns
import Engine
import Experiments
import Graphs

/// A run of `ACDC`: the circuit so far, and what was decided.
struct ACDCSearch {
    private let acdc: ACDC
    /// When an edge is cut.
    let rule: CutRule
    private let state: CircuitState
    private let scratch: ScratchPool
    /// How decisions from samples of the pairs fared.
    var audit = PairSampling.Audit()
    private let fullMetric: Double
    private var replay: ArraySlice<Decision>
    private let sharedCount: Int
    private(set) var decisions: [Decision] = []
    /// The metric of the circuit so far, as minimised.
    var current: Double
    private var work = Work()
    private(set) var progress: ACDC.Progress

    var graph: ComputationalGraph { acdc.graph }
    var options: ACDC.Options { acdc.options }

    init(_ acdc: ACDC, _ rule: CutRule, replay: ACDC.Replay) {
        self.acdc = acdc
        self.rule = rule
        self.replay = replay.decisions[...]
        sharedCount = replay.sharedCount
        state = CircuitState(acdc.experiment, rows: acdc.rows)
        scratch = ScratchPool(workers: acdc.experiment.transformer.pool.threads)
        progress = ACDC.Progress(decided: 0, total: acdc.graph.edgeCount, kept: 0)
        // Every edge is there: the full model, evaluated as circuits are.
        guard let probe = ReceiverProbe(acdc.graph.logitsReceiver, state, scratch) else {
            preconditionFailure("logits always matter")
        }
        current = probe.evaluateCurrent()
        fullMetric = current
    }

    /// Decides about the edges into a receiver.
    /// - Returns: the decisions that were made, not replayed.
    mutating func visit(_ receiver: Int) -> ArraySlice<Decision> {
        let order = options.order.senders(of: receiver, in: graph)
        defer {
            progress.decided += order.count
            progress.kept += state.keptSenders[receiver]?.count ?? 0
        }
        guard let probe = ReceiverProbe(receiver, state, scratch) else {
            // Nothing reads this node any more: its edges go untested.
            state.settle(receiver, cutting: order)
            return []
        }
        repeatDecisions(of: order.map { Int32(graph.edgeStart[receiver] + $0) }, with: probe)
        let replayed = decisions.count
        let rest = order.dropFirst(probe.replayedCount)
        if let sampling = options.sampling, sampling.pairsPerTest < probe.pairCount {
            test(rest, with: probe, sampling: sampling)
        } else {
            test(rest, with: probe)
        }
        current = probe.commit()
        work = work + probe.work
        if acdc.experiment.ablation == .resample { dropRedundantNodes(startingAt: receiver) }
        state.releaseUnneeded()
        return decisions[replayed...]
    }

    /// Takes over decisions about these edges, in this order, of the probe's receiver. Where the next
    /// ones are of other edges, they aren't of this search: from there on all edges are tested.
    private mutating func repeatDecisions(of edges: [Int32], with probe: ReceiverProbe) {
        let count = edges.count
        if replay.count < count {
            // The replayed decisions end in this receiver.
            replay = replay.prefix(max(0, sharedCount - decisions.count))
        }
        if !zip(replay, edges).allSatisfy({ $0.edge == $1 }) { replay = [] }
        for decision in replay.prefix(count) {
            decisions.append(decision)
            current = decision.removed ? decision.after : decision.before
            probe.replay(graph.sender(ofEdge: Int(decision.edge)), cut: decision.removed)
        }
        replay = replay.dropFirst(count)
    }

    /// Logs a decision.
    mutating func record(_ decision: Decision) { decisions.append(decision) }

    /// A node that receives no edge of the circuit outputs the ablated output in any case: the edges
    /// from it are cut, and so on for the nodes that they led to. This is so where a cut edge carries
    /// what the sender puts out on the corrupted prompt; of other ablations, a node whose inputs are all
    /// ablated doesn't put out its own ablated output.
    private mutating func dropRedundantNodes(startingAt receiver: Int) {
        var fringe = graph.senders(fedBy: receiver)
        while let sender = fringe.popLast() {
            if inputs(of: sender).allSatisfy({ state.keptSenders[$0]?.isEmpty == true }) {
                for changed in state.cutOutputs(of: sender) {
                    fringe += graph.senders(fedBy: changed)
                }
            }
        }
    }

    private func inputs(of sender: Int) -> [Int] {
        switch graph.senders[sender] {
        case .head(let layer, let head):
            AttentionInput.allCases.map { graph.receiver(layer: layer, head: head, $0) }
        case .mlp(let layer): [graph.receiver(mlp: layer)]
        case .input, .logits: []
        }
    }

    /// The circuit found.
    func result() -> ACDC.Result {
        let sign = acdc.experiment.metric.lossSign
        return ACDC.Result(
            threshold: rule.threshold, inCircuit: state.present, decisions: decisions,
            fullMetric: sign * fullMetric,
            circuitMetric: sign * current, ablatedMetric: sign * state.ablatedMetric(scratch),
            work: work, audit: options.sampling == nil ? nil : audit)
    }
}
