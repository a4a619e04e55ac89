import Engine
package import Experiments
package import Graphs
import Models

/// The activations of the current circuit, held so that only what changes is computed again.
///
/// A receiver's input is the ablated stream plus, for each edge in the circuit, the difference
/// between its sender's current and ablated output. Receivers before the one under test still have
/// all their edges, so everything up to there is the clean run, unless the state was made that of a
/// given circuit. Edges may be there at some positions and not at others. Threads read the state
/// together and write, in `commit`, the rows of different pairs.
package final class CircuitState: @unchecked Sendable {
    /// The graph whose edges are cut.
    package let graph: ComputationalGraph
    let transformer: Transformer
    let metric: BoundMetric
    /// The rows that a change can reach.
    package let rows: ActiveRows
    let parts: StreamParts

    /// Up to how many edges an input is summed up again, for each of its parts: more would cost time,
    /// fewer memory.
    private static let mostSummed = 8

    /// The number of positions at which edges are apart; nil where they aren't.
    package let positionCount: Int?
    /// Which edges are in the circuit, `[edge]` or, by position, `[edge][position]`.
    package private(set) var present: [Bool]
    /// The senders of each visited receiver's edges in the circuit, at any position, ascending.
    package private(set) var keptSenders: [[Int]?]
    /// Whether what no visited receiver changes is the clean run.
    private(set) var startsFromClean = true

    /// The senders' outputs on the clean run, at the context rows.
    private let clean: SenderOutputs
    /// Their ablated outputs, at the context rows.
    private let ablated: SenderOutputs
    /// The outputs of senders that were computed again, `[context row, width]`; nil for those of
    /// the clean run.
    private var computed: [FloatBuffer?]
    /// The stream of the clean run, at the context rows.
    let cleanStreams: ResidualStreams
    /// The stream with every edge cut, at the context rows.
    private let allAblatedStreams: ResidualStreams
    /// The same at the rows of those points that the circuit reads.
    private var ablatedStreams: [StreamRows?]
    /// The inputs of visited receivers that many edges lead to. One of few edges is summed up again
    /// whenever it is read.
    private(set) var storedInputs: [StreamRows?]
    /// Whether no receiver lacks an edge, but the one under test.
    private(set) var isWhole = false
    /// Memory of `KnownDifferences`, kept from wave to wave.
    var differenceRoom = FloatBuffer(count: 0)
    /// Attention of the layers that were entered.
    var attention: [CurrentVectors?]
    /// How many values of changed outputs a thread holds at most, if that's enough for one variant:
    /// a small share of the model's.
    let mostChanged: Int

    /// The whole graph on the clean run.
    /// - Parameter byPosition: whether edges can be cut at single positions.
    package init(_ experiment: Experiment, rows: ActiveRows, byPosition: Bool = false) {
        graph = experiment.graph
        positionCount = byPosition ? rows.context.longest : nil
        transformer = experiment.transformer
        metric = experiment.metric
        self.rows = rows
        parts = StreamParts(transformer)
        (clean, ablated) = (experiment.clean, experiment.ablated)
        computed = Array(repeating: nil, count: graph.senders.count)
        cleanStreams = ResidualStreams(clean, transformer: transformer)
        allAblatedStreams = ResidualStreams(ablated, transformer: transformer)
        ablatedStreams = Array(repeating: nil, count: 2 * graph.nLayers + 1)
        present = Array(repeating: true, count: graph.edgeCount * (positionCount ?? 1))
        keptSenders = Array(repeating: nil, count: graph.receivers.count)
        if let positionCount {
            // Nothing is read of the logits but where prompts end.
            let ends = Set(rows.positions.map { $0.upperBound - 1 })
            for place in graph.edges(into: graph.logitsReceiver).lowerBound
                * positionCount..<present.count
            where !ends.contains(place % positionCount) { present[place] = false }
        }
        storedInputs = Array(repeating: nil, count: graph.receivers.count)
        attention = Array(repeating: nil, count: graph.nLayers)
        let configuration = transformer.configuration
        mostChanged = max(
            1 << 20,
            configuration.nLayers * configuration.dModel
                * (4 * configuration.dModel + 3 * configuration.dMLP)
                / 64)
    }

    // MARK: - Edges

    /// Makes these the edges into a receiver, and marks it as visited.
    package func settle(_ receiver: Int, _ edges: InputEdges) {
        present.replaceSubrange(places(of: receiver), with: edges.isPresent)
        keptSenders[receiver] = edges.senders
    }

    /// Marks a receiver as visited, with the edges that it has.
    package func settle(_ receiver: Int) { settle(receiver, edges(into: receiver)) }

    /// Cuts all edges into a receiver and marks it as visited.
    package func cutInputs(of receiver: Int) {
        for place in places(of: receiver) { present[place] = false }
        keptSenders[receiver] = []
    }

    /// Makes these the edges of the circuit, whatever they were; every receiver counts as visited.
    func settleEverything(in inCircuit: [Bool]) {
        present = inCircuit
        startsFromClean = false
        for receiver in graph.receivers.indices { settle(receiver) }
    }

    /// Makes every receiver one that was visited and lost nothing: for evaluations, not commits, since
    /// receivers that read the same stream share its rows.
    package func keepEverything() {
        let streams = (0...2 * graph.nLayers).map { point in
            StreamRows(of: cleanStreams.stream(at: point), .all, rows)
        }
        for receiver in graph.receivers.indices {
            settle(receiver)
            storedInputs[receiver] = streams[point(of: receiver)]
        }
        isWhole = true
    }

    /// Cuts all edges out of a sender, at one position where these are apart; returns the visited
    /// receivers that lost one.
    package func cutOutputs(of sender: Int, at position: Int?) -> [Int] {
        var changed: [Int] = []
        let perEdge = positionCount ?? 1
        for receiver in graph.receivers.indices {
            guard let edge = graph.edge(from: sender, to: receiver),
                present[edge * perEdge + (position ?? 0)]
            else { continue }
            present[edge * perEdge + (position ?? 0)] = false
            if !present[edge * perEdge..<(edge + 1) * perEdge].contains(true) {
                keptSenders[receiver]?.removeAll { $0 == sender }
            }
            changed.append(receiver)
        }
        return changed
    }

    // MARK: - Outputs

    /// A sender's current output at the context rows: values, their distance from row to row, and
    /// the width of a row.
    func currentOutput(of sender: Int) -> (
        values: UnsafePointer<Float>, stride: Int, width: Int
    ) {
        let first = clean.compact(graph.senders[sender], dHead: transformer.configuration.dHead)
        guard let computed = computed[sender] else { return first }
        return (UnsafePointer(computed.values), first.width, first.width)
    }

    /// A sender's ablated output in the same form.
    func ablatedOutput(of sender: Int) -> (
        values: UnsafePointer<Float>, stride: Int, width: Int
    ) {
        ablated.compact(graph.senders[sender], dHead: transformer.configuration.dHead)
    }

    /// Where the output of a sender that a plan computes is stored, `[context row, width]`.
    func computedOutput(of sender: Int) -> UnsafeMutablePointer<Float> {
        guard let computed = computed[sender] else {
            preconditionFailure("a sender has no room for its output")
        }
        return computed.values
    }

    // MARK: - What is held

    /// Holds the ablated streams that a plan reads.
    func holdAblatedStreams(for plan: EvaluationPlan) {
        for input in plan.inputs {
            holdAblatedStream(at: point(of: input.receiver), input.extent)
        }
    }

    /// The point of the residual stream that a receiver reads.
    func point(of receiver: Int) -> Int {
        ResidualStreams.point(of: graph.receivers[receiver], in: graph)
    }

    /// The values of a row of the stream that a receiver reads.
    func width(of receiver: Int) -> Int { parts.width(at: point(of: receiver)) }

    /// Holds the ablated stream at a point at the rows of an extent, if not at more.
    func holdAblatedStream(at point: Int, _ extent: ActiveRows.Extent) {
        if let held = ablatedStreams[point], held.extent >= extent { return }
        ablatedStreams[point] = StreamRows(of: allAblatedStreams.stream(at: point), extent, rows)
    }

    /// A stream that is held.
    func ablatedStream(at point: Int) -> StreamRows {
        guard let stream = ablatedStreams[point] else {
            preconditionFailure("the ablated stream at point \(point) isn't held")
        }
        return stream
    }

    /// Makes room for what a commit of the plan stores.
    func makeRoom(for plan: EvaluationPlan) {
        for input in plan.inputs
        where storedInputs[input.receiver]?.extent != input.extent {
            let partCount = 1 + parts.partCount(before: point(of: input.receiver))
            guard keptSenders[input.receiver]?.count ?? 0 > Self.mostSummed * partCount else {
                storedInputs[input.receiver] = nil
                continue
            }
            storedInputs[input.receiver] = StreamRows(
                room: input.extent, rows, width: width(of: input.receiver))
        }
        for sender in plan.extentOfSender.indices
        where plan.extentOfSender[sender] != nil && computed[sender] == nil {
            let (values, stride, width) = currentOutput(of: sender)
            let own = FloatBuffer(count: rows.context.rowCount * width)
            for row in 0..<rows.context.rowCount {
                (own.values + row * width).update(from: values + row * stride, count: width)
            }
            computed[sender] = own
        }
    }

    /// Lets go of what the circuit of visited receivers doesn't read any more.
    package func releaseUnneeded() {
        let needs = needs
        var isRead = ablatedStreams.map { _ in false }
        for receiver in graph.receivers.indices {
            guard let kept = keptSenders[receiver] else { continue }
            if kept.isEmpty
                || !graph.senders(fedBy: receiver).contains(where: { needs[$0] != nil }),
                receiver != graph.logitsReceiver
            {
                storedInputs[receiver] = nil
            } else {
                isRead[point(of: receiver)] = true
            }
        }
        for point in isRead.indices where !isRead[point] { ablatedStreams[point] = nil }
        for sender in needs.indices where needs[sender] == nil { computed[sender] = nil }
        for layer in 0..<graph.nLayers { releaseAttention(ofLayer: layer, needs) }
    }
}
