package import Artifacts
package import Basics
package import Engine
import Models

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
package struct ACDC: Sendable {
    /// What to search by.
    package struct Options: Hashable, Sendable {
        /// An edge is cut if the minimised metric rises by less than this.
        package var threshold: Double
        /// The order of the tests.
        package var order: TraversalOrder
        /// Whether the change counts by its size, not its direction.
        package var absolute: Bool
        /// What a cut edge carries.
        package var ablation: Ablation
        /// Whether edges are evaluated in waves; one at a time gives the same circuit, slowly.
        package var speculative: Bool
        /// Whether few pairs decide where they can; by default every test takes all.
        package var sampling: PairSampling?

        /// Options, by default those of the reference implementation's command line.
        package init(
            threshold: Double, order: TraversalOrder = .cli, absolute: Bool = false,
            ablation: Ablation = .resample, speculative: Bool = true,
            sampling: PairSampling? = nil
        ) {
            self.threshold = threshold
            self.order = order
            self.absolute = absolute
            self.ablation = ablation
            self.speculative = speculative
            self.sampling = sampling
        }
    }

    /// A found circuit.
    package struct Result: Sendable {
        /// Which edges are in the circuit.
        package var inCircuit: [Bool]
        /// The tests, in order.
        package var decisions: [Decision]
        /// The metric of the full model, not negated.
        package var fullMetric: Double
        /// The metric of the circuit, everything else ablated.
        package var circuitMetric: Double
        /// The metric with every edge cut.
        package var ablatedMetric: Double
        /// What it took.
        package var work: Work
        /// How decisions from few pairs compare with exact ones; nil if all are exact.
        package var audit: PairSampling.Audit?
    }

    /// Where a run stands.
    package struct Progress: Sendable {
        /// Edges decided so far.
        package var decided: Int
        /// Edges in all.
        package var total: Int
        /// Edges kept among those decided.
        package var kept: Int
    }

    /// The graph that is searched.
    package let graph: ComputationalGraph
    /// How it is searched.
    package internal(set) var options: Options

    let transformer: Transformer
    let metric: MetricEvaluator
    let clean: SenderOutputs
    let ablated: SenderOutputs
    let rows: ActiveRows

    /// A search of a model's graph on pairs of prompts.
    /// - Throws: `Failure` where lengths differ or answers are missing.
    package init(
        _ graph: ComputationalGraph, transformer: Transformer, metric: Metric,
        activations: PairActivations, options: Options
    ) throws(Failure) {
        let (clean, corrupted) = (activations.clean, activations.corrupted)
        let dataset = activations.dataset
        guard clean.layout == corrupted.layout else {
            throw Failure(
                .badData, "a clean and a corrupted prompt have different lengths; make them equal")
        }
        self.graph = graph
        self.transformer = transformer
        self.metric = try MetricEvaluator(
            metric, dataset: dataset, transformer: transformer,
            cleanLogits: activations.cleanLogits)
        self.clean = clean
        self.options = options
        ablated = try options.ablation.outputs(
            clean: clean, corrupted: corrupted, constants: activations.constants)
        let lengths = (0..<clean.layout.promptCount).map(clean.layout.length)
        let causal = transformer.configuration.isCausal
        let firstChange = lengths.indices.map { pair in
            guard causal, options.ablation == .resample else { return 0 }
            let (a, b) = (dataset.clean.ids[pair], dataset.corrupted.ids[pair])
            return zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset
                ?? lengths[pair]
        }
        rows = ActiveRows(
            lengths: lengths, firstChange: firstChange, transformer: transformer,
            pairsPerPiece: options.sampling?.pairsPerPiece)
    }

    /// Runs the search.
    /// - Parameters:
    ///   - replay: decisions taken over as they are before testing goes on; they must come from a
    ///     run in the same order, and each must be what this threshold decides too.
    ///   - journal: is given the decisions of each receiver as soon as they are made, replayed ones
    ///     excepted. Their indices are their numbers in the run.
    ///   - progress: is told where the run stands, now and then.
    package func run<JournalError: Error>(
        replay: Replay = .none,
        journal: (ArraySlice<Decision>) throws(JournalError) -> Void,
        progress: (Progress) -> Void = { _ in }
    ) throws(JournalError) -> Result {
        var search = ACDCSearch(self, replay: replay)
        for receiver in options.order.receivers(of: graph) {
            let replayed = search.visit(receiver)
            let new = search.decisions[replayed...]
            if !new.isEmpty { try journal(new) }
            progress(search.progress)
        }
        return search.result()
    }

    /// Runs the search from the beginning, without a journal.
    package func run() -> Result { run(journal: { (_) throws(Never) in }) }

    /// Decisions that a run takes over.
    package struct Replay: Sendable {
        let decisions: [Decision]
        /// How many of them are taken over whatever receiver they end in.
        let exactCount: Int

        /// Nothing: every edge is tested.
        package static let none = Replay(decisions: [], exactCount: 0)

        /// All of `decisions`: those of a run at another threshold, up to where the two part. Then
        /// those of `resumed` as far as they complete a receiver: the rest is tested again, from the
        /// same state, so that a run that was broken off ends with the same log, bit for bit.
        package static func exactly(
            _ decisions: [Decision], thenResuming resumed: [Decision] = []
        ) -> Replay {
            Replay(decisions: decisions + resumed, exactCount: decisions.count)
        }
    }
}
