public import Artifacts
public import Engine
internal import Models

/// Automatic circuit discovery (Conmy et al. 2023).
///
/// Starting from the whole graph on the clean run, edges are tested one by one from the output
/// backwards: an edge is cut, that is its sender's output replaced by the ablated one for this
/// receiver alone, if that raises the minimised metric by less than the threshold.
///
/// The result is that of testing one edge after the other with a whole forward pass each. The cost
/// is not: what lies before the tested receiver is the clean run, what it doesn't reach stays, and
/// the edges of a receiver are evaluated in waves that bet on all of them being cut. After an edge
/// that stays, the rest of its wave is evaluated again.
public struct ACDC: Sendable {
    /// What to search by.
    public struct Options: Hashable, Sendable {
        /// An edge is cut if the minimised metric rises by less than this.
        public var threshold: Double
        /// The order of the tests.
        public var order: TraversalOrder
        /// Whether the change counts by its size, not its direction.
        public var absolute: Bool
        /// What a cut edge carries.
        public var ablation: Ablation
        /// Whether edges are evaluated in waves; one at a time gives the same circuit, slowly.
        public var speculative: Bool

        /// Options, by default those of the reference implementation's command line.
        public init(
            threshold: Double, order: TraversalOrder = .cli, absolute: Bool = false,
            ablation: Ablation = .resample, speculative: Bool = true
        ) {
            self.threshold = threshold
            self.order = order
            self.absolute = absolute
            self.ablation = ablation
            self.speculative = speculative
        }
    }

    /// A found circuit.
    public struct Result: Sendable {
        /// Which edges are in the circuit.
        public var inCircuit: [Bool]
        /// The tests, in order.
        public var decisions: [Decision]
        /// The metric of the full model, not negated.
        public var fullMetric: Double
        /// The metric of the circuit, everything else ablated.
        public var circuitMetric: Double
        /// The metric with every edge cut.
        public var ablatedMetric: Double
        /// What it took.
        public var work: Work
    }

    /// Where a run stands.
    public struct Progress: Sendable {
        /// Edges decided so far.
        public var decided: Int
        /// Edges in all.
        public var total: Int
        /// Edges kept among those decided.
        public var kept: Int
    }

    /// The graph that is searched.
    public let graph: ComputationalGraph
    /// How it is searched.
    public let options: Options

    private let transformer: Transformer
    private let metric: MetricEvaluator
    private let clean: SenderOutputs
    private let ablated: SenderOutputs
    private let rows: ActiveRows

    /// A search of a model's graph on pairs of prompts.
    /// - Parameters:
    ///   - corrupted: outputs on the corrupted prompts, as long as the clean ones pair by pair.
    ///   - dataset: the pairs.
    /// - Throws: `CircuitError` where lengths differ or the model has no such graph.
    public init(
        _ graph: ComputationalGraph, transformer: Transformer, metric: MetricEvaluator,
        dataset: DatasetArtifact, clean: SenderOutputs, corrupted: SenderOutputs, options: Options
    ) throws(CircuitError) {
        guard clean.layout == corrupted.layout else {
            throw CircuitError(
                .badData, "a clean and a corrupted prompt have different lengths; make them equal")
        }
        guard
            transformer.layers.allSatisfy({
                $0.postAttentionNorm == nil && $0.postMLPNorm == nil
            })
        else {
            throw CircuitError(
                .badData,
                "\(transformer.model.name) normalises what attention adds to the stream, so its "
                    + "heads are not separate edges; circuits of this family can't be searched yet")
        }
        self.graph = graph
        self.transformer = transformer
        self.metric = metric
        self.clean = clean
        self.options = options
        ablated = options.ablation.outputs(clean: clean, corrupted: corrupted)
        let lengths = (0..<clean.layout.promptCount).map(clean.layout.length)
        let causal = transformer.configuration.isCausal
        let firstChange = lengths.indices.map { pair in
            guard causal, options.ablation == .resample else { return 0 }
            let (a, b) = (dataset.clean.ids[pair], dataset.corrupted.ids[pair])
            return zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset
                ?? lengths[pair]
        }
        rows = ActiveRows(lengths: lengths, firstChange: firstChange, transformer: transformer)
    }

    /// Runs the search.
    /// - Parameters:
    ///   - replay: decisions of an earlier run with the same options, taken over as they are; whole
    ///     receivers only.
    ///   - journal: is given the decisions of each receiver as soon as they are made.
    ///   - progress: is told where the run stands, now and then.
    public func run<Failure: Error>(
        replay: [Decision] = [],
        journal: (ArraySlice<Decision>) throws(Failure) -> Void,
        progress: (Progress) -> Void = { _ in }
    ) throws(Failure) -> Result {
        var search = Search(self, replay: replay)
        for receiver in options.order.receivers(of: graph) {
            let first = search.decisions.count
            search.visit(receiver)
            if search.decisions.count > max(first, replay.count) {
                try journal(search.decisions[first...])
            }
            progress(search.progress)
        }
        return search.result()
    }

    /// Runs the search from the beginning, without a journal.
    public func run() -> Result { run(journal: { (_) throws(Never) in }) }

    /// The state of a running search.
    private struct Search {
        let acdc: ACDC
        let state: CircuitState
        let scratch: ScratchPool
        let fullMetric: Double
        var replay: ArraySlice<Decision>
        var decisions: [Decision] = []
        var current: Double
        var work = Work()
        var progress: Progress

        var graph: ComputationalGraph { acdc.graph }
        var options: Options { acdc.options }

        init(_ acdc: ACDC, replay: [Decision]) {
            self.acdc = acdc
            self.replay = replay[...]
            state = CircuitState(
                graph: acdc.graph, transformer: acdc.transformer, metric: acdc.metric,
                clean: acdc.clean, ablated: acdc.ablated, rows: acdc.rows)
            scratch = ScratchPool(workers: acdc.transformer.pool.threads)
            progress = Progress(decided: 0, total: acdc.graph.edgeCount, kept: 0)
            // Every edge is there: the full model, evaluated as circuits are.
            guard let probe = ReceiverProbe(acdc.graph.logitsReceiver, state, scratch) else {
                preconditionFailure("logits always matter")
            }
            current = probe.evaluateCurrent()
            fullMetric = current
        }

        mutating func visit(_ receiver: Int) {
            let order = options.order.senders(of: receiver, in: graph)
            defer {
                progress.decided += order.count
                progress.kept += state.keptSenders[receiver]?.count ?? 0
            }
            guard let probe = ReceiverProbe(receiver, state, scratch) else {
                // Nothing reads this node any more: its edges go untested.
                state.settle(receiver, cutting: order)
                return
            }
            if replay.isEmpty {
                test(order, with: probe)
            } else {
                for decision in replay.prefix(order.count) {
                    decisions.append(decision)
                    if decision.removed {
                        probe.accept([graph.sender(ofEdge: Int(decision.edge))])
                    }
                }
                replay = replay.dropFirst(order.count)
            }
            current = probe.commit()
            work = work + probe.work
            if options.ablation == .resample { dropRedundantNodes(startingAt: receiver) }
        }

        /// Tests the edges from `order` into the probe's receiver, in waves.
        private mutating func test(_ order: [Int], with probe: ReceiverProbe) {
            let most = options.speculative ? probe.mostVariants : 1
            var width = min(16, most)
            var next = 0
            while next < order.count {
                let wave = order[next..<min(next + width, order.count)]
                let values = probe.evaluate(wave)
                var before = current
                var cut = wave.startIndex
                var keptEdge = false
                while cut < wave.endIndex, !keptEdge {
                    let effect = decide(
                        before: before, after: values[cut - wave.startIndex], wave: wave, at: cut,
                        probe)
                    if effect.removed {
                        before = effect.after
                        cut += 1
                    } else {
                        keptEdge = true
                    }
                }
                probe.accept(wave[..<cut])
                current = before
                next = keptEdge ? cut + 1 : cut
                width = keptEdge ? max(min(16, most), width / 2) : min(most, width * 2)
            }
        }

        /// Decides about one edge and logs it. An effect within rounding of the threshold is
        /// evaluated again by itself, as a run without waves does.
        private mutating func decide(
            before: Double, after: Double, wave: ArraySlice<Int>, at cut: Int,
            _ probe: ReceiverProbe
        ) -> Decision {
            var (before, after) = (before, after)
            let rounding = 2e-5 * max(1, abs(before), abs(after))
            if wave.count > 1, abs(size(after - before) - options.threshold) < rounding {
                probe.accept(wave[wave.startIndex..<cut])
                before = probe.evaluateCurrent()
                after = probe.evaluate(wave[cut...cut])[0]
                probe.withdraw(wave[wave.startIndex..<cut])
            }
            let edge = graph.edgeStart[probe.receiver] + wave[cut]
            let decision = Decision(
                edge: Int32(edge), before: before, after: after,
                removed: size(after - before) < options.threshold)
            decisions.append(decision)
            return decision
        }

        private func size(_ change: Double) -> Double { options.absolute ? abs(change) : change }

        /// A node that receives nothing puts out its ablated output whatever happens: the edges
        /// from it go, and so on for the nodes they went to.
        private mutating func dropRedundantNodes(startingAt receiver: Int) {
            var fringe = senders(fedBy: receiver)
            while let sender = fringe.popLast() {
                if inputs(of: sender).allSatisfy({ state.keptSenders[$0]?.isEmpty == true }) {
                    for changed in state.cutOutputs(of: sender) {
                        fringe += senders(fedBy: changed)
                    }
                }
            }
        }

        private func senders(fedBy receiver: Int) -> [Int] {
            switch graph.receivers[receiver] {
            case .head(let layer, let head, let kind):
                kind == .query || graph.keyReceiverCount == graph.nHeads
                    ? [graph.sender(layer: layer, head: head)] : []
            case .group(let layer, let group, _):
                graph.heads(ofKeyReceiver: group).map { graph.sender(layer: layer, head: $0) }
            case .mlp(let layer): [graph.sender(mlp: layer)]
            case .logits: []
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

        func result() -> Result {
            let sign: Double = acdc.metric.metric.higherIsBetter ? -1 : 1
            return Result(
                inCircuit: state.present, decisions: decisions, fullMetric: sign * fullMetric,
                circuitMetric: sign * current, ablatedMetric: state.ablatedMetric(), work: work)
        }
    }
}
