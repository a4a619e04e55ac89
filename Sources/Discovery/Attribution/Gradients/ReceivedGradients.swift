import Engine
import Graphs

/// The gradients at the inputs of all receivers of a graph, summed over runs of some pairs.
struct ReceivedGradients {
    /// Adds the scores of a component's neurons.
    typealias NeuronAdder = (
        DifferentiablePass.Component, _ gradient: UnsafePointer<Float>, _ weight: Float
    ) -> Void

    private let graph: ComputationalGraph
    private let rows: RowLayout
    /// The weight of one run.
    private let weight: Float
    private let addNeurons: NeuronAdder?
    /// `[receiver, row, d_model]`
    private let values: UnsafeMutablePointer<Float>
    /// `[row, d_model]`
    private let scratch: UnsafeMutablePointer<Float>

    /// Sums that start at 0.
    init(
        _ graph: ComputationalGraph, _ rows: RowLayout, weight: Float, _ addNeurons: NeuronAdder?,
        in workspace: Workspace
    ) {
        self.graph = graph
        self.rows = rows
        self.weight = weight
        self.addNeurons = addNeurons
        let size = rows.rowCount * graph.dModel
        values = workspace.take(graph.receivers.count * size)
        values.update(repeating: 0, count: graph.receivers.count * size)
        scratch = workspace.take(size)
    }

    /// Adds the gradients at some receivers, as a `DifferentiablePass` gives them.
    func add(
        _ receivers: DifferentiablePass.Receivers, _ gradients: UnsafePointer<Float>,
        _ runs: RunSums, times: Int = 1
    ) {
        runs.add(
            gradients, receivers: graph.count(of: receivers), weight: weight * Float(times),
            to: self[receivers])
    }

    /// Adds the scores of a component's neurons, from the gradient of its output.
    func send(
        _ component: DifferentiablePass.Component, _ gradient: UnsafePointer<Float>,
        _ runs: RunSums, times: Int = 1
    ) {
        addNeurons?(component, runs.sum(of: gradient, in: scratch), weight * Float(times))
    }

    /// Goes back through a layer of a pass and adds the gradients at its receivers.
    /// - Parameters:
    ///   - dStream: the gradient of the stream after the layer; replaced by that before it.
    ///   - replaced: the component through which no gradient goes back.
    ///   - times: how often the pass counts.
    func goBack(
        through layer: Int, _ pass: DifferentiablePass,
        _ dStream: UnsafeMutablePointer<Float>, _ runs: RunSums,
        without replaced: DifferentiablePass.Component? = nil, times: Int = 1
    ) {
        pass.backward(
            throughLayer: layer, dStream, without: replaced,
            send: { send($0, $1, runs, times: times) },
            receive: { add($0, $1, runs, times: times) })
    }

    /// Adds the products of the sums with the senders' differences to the scores of edges.
    func addProducts(
        with differences: SenderDifferences, _ layout: ScoreLayout,
        to scores: UnsafeMutablePointer<Float>
    ) {
        for receivers in (0..<graph.nLayers).map(DifferentiablePass.Receivers.layer) + [.logits] {
            differences.addProducts(
                with: self[receivers], of: receivers, weight: 1, rows: rows, layout: layout,
                to: scores)
        }
    }

    /// The sums of some receivers, `[receiver, row, d_model]`.
    private subscript(
        receivers: DifferentiablePass.Receivers
    ) -> UnsafeMutablePointer<Float> {
        let first =
            switch receivers {
            case .layer(let layer): layer * graph.receiversPerLayer
            case .logits: graph.logitsReceiver
            }
        return values + first * rows.rowCount * graph.dModel
    }
}

extension ComputationalGraph {
    /// How many receivers a group of gradients is of.
    func count(of receivers: DifferentiablePass.Receivers) -> Int {
        receivers == .logits ? 1 : receiversPerLayer
    }
}
