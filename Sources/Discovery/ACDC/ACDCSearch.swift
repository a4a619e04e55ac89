import Artifacts
import CircuitRuns
import Engine
import Experiments
import Graphs
import Models
import Tasks

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

    var options: ACDC.Options { acdc.options }
    private var graph: ComputationalGraph { acdc.leveled.own }

    init(_ acdc: ACDC, _ rule: CutRule, replay: ACDC.Replay) {
        self.acdc = acdc
        self.rule = rule
        self.replay = replay.decisions[...]
        sharedCount = replay.sharedCount
        state = CircuitState(
            acdc.experiment, rows: acdc.rows, byPosition: acdc.leveled.positionCount != nil)
        scratch = ScratchPool(workers: acdc.experiment.transformer.pool.threads)
        progress = ACDC.Progress(decided: 0, total: acdc.edgeCount, kept: 0)
        // Every edge is there: the full model, evaluated as circuits are.
        guard let probe = ReceiverProbe(acdc.leveled.own.logitsReceiver, state, scratch) else {
            preconditionFailure("logits always matter")
        }
        fullMetric = probe.evaluateCurrent()
        current = fullMetric
        if let start = acdc.start {
            let present = acdc.leveled.ownEdges(of: start)
            current = state.start(
                from: acdc.leveled.own.edgeStart.last.map { edges in
                    (0..<edges).flatMap { edge in present.map { $0[edge] } }
                } ?? [], scratch)
        }
    }

    /// Decides about the edges into a receiver of the searched graph.
    /// - Returns: the decisions that were made, not replayed.
    mutating func visit(_ group: ReceiverGroup) -> ArraySlice<Decision> {
        let first = decisions.count
        defer {
            progress.decided += group.edgeCount(in: acdc.leveled)
            progress.kept += decisions[first...].count { !$0.removed }
        }
        guard let probe = ReceiverProbe(group.receivers, state, scratch) else {
            // Nothing reads this node any more: its edges go untested.
            for receiver in group.receivers { state.cutInputs(of: receiver) }
            return []
        }
        let cuts = group.cuts(in: probe.edges, livePositions: probe.livePositions)
        let numbers = cuts.map { group.edge($0, in: acdc.leveled) }
        repeatDecisions(of: numbers, cuts, with: probe)
        let replayed = decisions.count
        let tests = zip(numbers, cuts).map { EdgeTest(edge: $0, cut: $1) }
        let rest = tests.dropFirst(probe.replayedCount).prefix {
            !probe.isWithoutEffect($0.cut)
        }
        if let sampling = options.sampling, sampling.pairsPerTest < probe.pairCount {
            test(rest, with: probe, sampling: sampling)
        } else {
            test(rest, with: probe)
        }
        decideWithoutTests(tests.dropFirst(probe.replayedCount + rest.count), with: probe)
        current = probe.commit()
        work = work + probe.work
        if acdc.experiment.ablation == .resample { dropRedundantNodes(after: group.receivers) }
        state.releaseUnneeded()
        return decisions[replayed...]
    }

    /// Decides about edges whose cut can't change the metric.
    private mutating func decideWithoutTests(
        _ tests: ArraySlice<EdgeTest>, with probe: ReceiverProbe
    ) {
        let isCut = rule.cuts(0)
        for test in tests {
            record(Decision(edge: test.edge, before: current, after: current, removed: isCut))
        }
        if isCut { probe.accept(tests.map(\.cut)[...]) }
    }

    /// Takes over decisions about these edges, in this order, of the probe's receivers. Where the next
    /// ones are of other edges, they aren't of this search: from there on all edges are tested.
    private mutating func repeatDecisions(
        of edges: [Int32], _ cuts: [EdgeCut], with probe: ReceiverProbe
    ) {
        if replay.count < edges.count {
            // The replayed decisions end in this receiver.
            replay = replay.prefix(max(0, sharedCount - decisions.count))
        }
        if !zip(replay, edges).allSatisfy({ $0.edge == $1 }) { replay = [] }
        for (decision, cut) in zip(replay, cuts) {
            decisions.append(decision)
            current = decision.removed ? decision.after : decision.before
            probe.replay(cut, isCut: decision.removed)
        }
        replay = replay.dropFirst(edges.count)
    }

    /// Logs a decision.
    mutating func record(_ decision: Decision) { decisions.append(decision) }

    /// A node that receives no edge of the circuit outputs the ablated output in any case: the edges
    /// from it are cut, and so on for the nodes that they led to. This is so where a cut edge carries
    /// what the sender puts out on the corrupted prompt; of other ablations, a node whose inputs are all
    /// ablated doesn't put out its own ablated output. By position, it is so at each one by itself.
    private mutating func dropRedundantNodes(after receivers: [Int]) {
        let positions: [Int?] = state.positionCount.map { Array(0..<$0) } ?? [nil]
        var fringe = receivers.flatMap(graph.senders(fedBy:)).flatMap { sender in
            positions.map { (sender: sender, position: $0) }
        }
        while let (sender, position) = fringe.popLast() {
            guard receivesNothing(sender, at: position) else { continue }
            for changed in state.cutOutputs(of: sender, at: position) {
                let readers = position.map { positionsReading(changed, at: $0) }
                for next in graph.senders(fedBy: changed) {
                    if let readers {
                        fringe += readers.map { (next, $0) }
                    } else {
                        fringe.append((next, nil))
                    }
                }
            }
        }
    }

    private var isCausal: Bool { acdc.experiment.transformer.configuration.isCausal }

    /// The positions at which nodes read what a receiver makes at a position.
    private func positionsReading(_ receiver: Int, at position: Int) -> Range<Int> {
        guard graph.receivers[receiver].isReadFromLaterPositions else {
            return position..<position + 1
        }
        return (isCausal ? position : 0)..<(state.positionCount ?? 1)
    }

    /// Whether a node receives no edge of the circuit at any position that its output depends on.
    private func receivesNothing(_ sender: Int, at position: Int?) -> Bool {
        inputs(of: sender).allSatisfy { receiver in
            state.isEmpty(
                receiver,
                at: position.map { position in
                    guard graph.receivers[receiver].isReadFromLaterPositions else {
                        return position..<position + 1
                    }
                    return 0..<(isCausal ? position + 1 : state.positionCount ?? 1)
                })
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
        let metric = acdc.experiment.metric.metric
        let (present, perEdge) = (state.present, acdc.leveled.edges.count)
        return ACDC.Result(
            threshold: rule.threshold,
            inCircuit: acdc.leveled.circuit { present[$0 * perEdge + $1] }, decisions: decisions,
            fullMetric: metric.value(ofLoss: fullMetric),
            circuitMetric: metric.value(ofLoss: current),
            ablatedMetric: metric.value(ofLoss: state.ablatedMetric(scratch)),
            work: work, audit: options.sampling == nil ? nil : audit)
    }
}

/// An edge of the searched graph that is tested.
struct EdgeTest {
    /// Its number.
    let edge: Int32
    /// What is cut.
    let cut: EdgeCut
}
