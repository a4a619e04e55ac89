package import Artifacts
import CircuitRuns
import Engine
package import Experiments
package import Graphs
import Models

/// Automatic circuit discovery, ACDC (Conmy et al. 2023).
///
/// The algorithm of the paper, and where each step is:
///
///     circuit := the whole graph                              ACDCSearch.init
///     for receiver in reverse order of computation:           run(at:), TraversalOrder.receivers
///         for sender in the receiver's senders, latest first: ACDCSearch.visit, TraversalOrder.senders
///             without := circuit without sender -> receiver   ReceiverProbe
///             if metric(without) - metric(circuit) < tau:     CutRule
///                 circuit := without                          ReceiverProbe.accept, commit
///         drop nodes that receive nothing any more            ACDCSearch.dropRedundantNodes
///
/// Everything outside of the circuit is ablated: a cut edge carries its sender's ablated output to this
/// receiver alone. The metric is minimised; one of which more is better is negated.
///
/// The result is that of testing one edge after the other with a whole forward pass each. The cost
/// is not: what lies before the tested receiver is the clean run, what it doesn't reach stays as it is,
/// and the edges of a receiver are evaluated in waves (`ACDCSearch+Waves`). Runs at several thresholds
/// share decisions (`ThresholdPath`); a sample of the pairs may decide (`ACDCSearch+Sampling`).
///
/// At a coarser level (`LeveledGraph`) an edge is cut with all edges that it is made of; by position,
/// each edge is one for every position, and the last positions come first (`ReceiverGroup`). The search
/// may start from a circuit: what isn't in it is cut from the beginning, and not tested.
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

    /// The model, the pairs, the metric and the ablation.
    package let experiment: Experiment
    /// The graph that is searched, and the model's edges in it.
    package let leveled: LeveledGraph
    /// The circuit that the search starts from, `[edge]`; nil is the whole graph.
    package let start: [Bool]?
    /// How the graph is searched.
    package let options: Options
    /// The rows of activations that a change can reach.
    let rows: ActiveRows

    /// A search of an experiment's graph.
    /// - Parameters:
    ///   - leveled: the graph at another level; nil is the model's own.
    ///   - start: the circuit that is searched, `[edge]` of that graph; nil is the whole graph.
    package init(
        _ experiment: Experiment, at leveled: LeveledGraph? = nil,
        startingFrom start: [Bool]? = nil,
        options: Options = Options()
    ) {
        self.experiment = experiment
        self.leveled = leveled ?? LeveledGraph(experiment.graph)
        self.start = start
        self.options = options
        rows = ActiveRows(experiment, pairsPerPiece: options.sampling?.pairsPerPiece)
    }

    /// The number of edges of the graph that is searched.
    package var edgeCount: Int { leveled.table.edgeCount }

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
        for group in options.order.groups(of: leveled) {
            let new = search.visit(group)
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
}
