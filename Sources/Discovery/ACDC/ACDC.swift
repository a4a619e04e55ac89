package import Artifacts
import Basics
package import CircuitRuns
import Engine
package import Experiments
package import Graphs
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
        /// The order of the tests.
        package var order: TraversalOrder
        /// Whether the change counts by its size, not its direction.
        package var absolute: Bool
        /// Whether edges are evaluated in waves; one at a time gives the same circuit, slowly.
        package var speculative: Bool
        /// Whether few pairs decide where they can; by default every test takes all.
        package var sampling: PairSampling?

        /// Options, by default those of the reference implementation's command line.
        package init(
            order: TraversalOrder = .cli, absolute: Bool = false, speculative: Bool = true,
            sampling: PairSampling? = nil
        ) {
            self.order = order
            self.absolute = absolute
            self.speculative = speculative
            self.sampling = sampling
        }
    }

    /// A found circuit.
    package struct Result: Sendable {
        /// The threshold of the run.
        package var threshold: Double
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

        /// The result of a run at another threshold that decides alike.
        func at(_ threshold: Double) -> Result {
            var result = self
            result.threshold = threshold
            return result
        }
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

    /// The model, the pairs, the metric and the ablation.
    package let experiment: Experiment
    /// How the graph is searched.
    package let options: Options
    let rows: ActiveRows

    /// A search of an experiment's graph.
    package init(_ experiment: Experiment, options: Options = Options()) {
        self.experiment = experiment
        self.options = options
        rows = ActiveRows(experiment, pairsPerPiece: options.sampling?.pairsPerPiece)
    }

    /// The graph that is searched.
    package var graph: ComputationalGraph { experiment.graph }

    /// Runs the search.
    /// - Parameters:
    ///   - threshold: an edge is cut if the minimised metric rises by less than this.
    ///   - replay: decisions taken over as they are before testing goes on; they must come from a
    ///     run in the same order, and each must be what this threshold decides too.
    ///   - journal: is given the decisions of each receiver as soon as they are made, replayed ones
    ///     excepted. Their indices are their numbers in the run.
    ///   - progress: is told where the run stands, now and then.
    package func run<JournalError: Error>(
        at threshold: Double, replay: Replay = .none,
        journal: (ArraySlice<Decision>) throws(JournalError) -> Void,
        progress: (Progress) -> Void = { _ in }
    ) throws(JournalError) -> Result {
        var search = ACDCSearch(self, rule(at: threshold), replay: replay)
        for receiver in options.order.receivers(of: graph) {
            let replayed = search.visit(receiver)
            let new = search.decisions[replayed...]
            if !new.isEmpty { try journal(new) }
            progress(search.progress)
        }
        return search.result()
    }

    /// Runs the search from the beginning, without a journal.
    package func run(at threshold: Double) -> Result {
        run(at: threshold, journal: { (_) throws(Never) in })
    }

    /// The rule by which a run at a threshold cuts edges.
    func rule(at threshold: Double) -> CutRule {
        CutRule(threshold: threshold, absolute: options.absolute)
    }

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
