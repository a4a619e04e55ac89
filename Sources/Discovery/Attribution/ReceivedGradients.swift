import Engine
import Graphs

/// The gradients at the inputs of all receivers of a graph, added up over runs of some pairs.
struct ReceivedGradients {
    /// Adds the scores of a component's neurons.
    typealias NeuronAdder = (
        DifferentiablePass.Component, _ gradient: UnsafePointer<Float>, _ weight: Float
    ) -> Void

    private let graph: ComputationalGraph
    private let rows: RowLayout
    /// What a run counts.
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

    /// Adds gradients as `DifferentiablePass` hands them out.
    func add(
        _ receivers: DifferentiablePass.Receivers, _ gradients: UnsafePointer<Float>,
        _ runs: CopySum, times: Int = 1
    ) {
        runs.add(
            gradients, receivers: graph.count(of: receivers), weight: weight * Float(times),
            to: self[receivers])
    }

    /// Takes the gradient of what a component puts out, for its neurons.
    func send(
        _ component: DifferentiablePass.Component, _ gradient: UnsafePointer<Float>,
        _ runs: CopySum, times: Int = 1
    ) {
        addNeurons?(component, runs(gradient, in: scratch), weight * Float(times))
    }

    /// Goes back through a layer of a pass and adds what its receivers get.
    /// - Parameters:
    ///   - dStream: the gradient of the stream after the layer; replaced by that before it.
    ///   - replaced: the component that lets nothing back.
    ///   - times: how often it counts.
    func goBack(
        through layer: Int, _ pass: DifferentiablePass,
        _ dStream: UnsafeMutablePointer<Float>, _ runs: CopySum,
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
                with: self[receivers], of: receivers, weight: 1, rows: rows, graph: graph,
                layout: layout, to: scores)
        }
    }

    /// Where the sums of some receivers are.
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
    /// How many receivers' gradients are handed out together.
    func count(of receivers: DifferentiablePass.Receivers) -> Int {
        receivers == .logits ? 1 : receiversPerLayer
    }
}
