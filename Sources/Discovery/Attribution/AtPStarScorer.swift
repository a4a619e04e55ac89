import CKernels
import Engine
import Experiments
import Graphs
import Models

/// Scores the nodes of the pairs of one piece by AtP* (Kramar et al. 2024).
///
/// A node's attribution is what patching it changes, dot the gradient in the clean run. For a head's
/// queries or keys the change is that of its z with the softmax computed anew. The score is the mean
/// size of the attributions with each layer but its own dropped from the backward pass (GradDrop).
struct AtPStarScorer: ~Copyable {
    /// What of a head is patched.
    private enum Part: Int, CaseIterable {
        case query, key, value, output
    }

    private let scorer: AttributionScorer
    private let pairs: Range<Int>
    /// `[pair, node]`: senders, then receivers.
    private let scores: UnsafeMutablePointer<Float>
    private let rows: RowLayout
    /// What patching changes in z, `[layer, part, row, head * d_head]`.
    private let headChanges: UnsafeMutablePointer<Float>
    /// `[layer, row, d_model]`
    private let mlpChanges: UnsafeMutablePointer<Float>
    /// `[row, d_model]`
    private let inputChange: UnsafeMutablePointer<Float>
    /// The gradient of the stream after each layer, `[layer, row, d_model]`.
    private let streamGradients: UnsafeMutablePointer<Float>
    private let dStream: UnsafeMutablePointer<Float>
    /// `[pair, d_model]` each.
    private let ends: UnsafeMutablePointer<Float>
    private let endGradients: UnsafeMutablePointer<Float>
    private let start: Workspace.Mark
    private let pass: DifferentiablePass

    private var graph: ComputationalGraph { scorer.graph }
    private var dModel: Int { scorer.transformer.configuration.dModel }
    private var dHead: Int { scorer.transformer.configuration.dHead }
    private var headsWidth: Int { graph.nHeads * dHead }

    /// Nodes of a graph that have a score.
    static func nodeCount(of graph: ComputationalGraph) -> Int {
        graph.senders.count + graph.receivers.count
    }

    init(
        _ scorer: AttributionScorer, pairs: Range<Int>, scores: UnsafeMutablePointer<Float>,
        workspace: consuming Workspace
    ) {
        self.scorer = scorer
        self.pairs = pairs
        self.scores = scores
        let lengths = pairs.map(scorer.clean.layout.length)
        rows = RowLayout(lengths: lengths)
        let configuration = scorer.transformer.configuration
        let (count, layers) = (rows.rowCount, configuration.nLayers)
        let size = count * configuration.dModel
        start = workspace.mark
        headChanges = workspace.take(
            layers * Part.allCases.count * count * configuration.nHeads * configuration.dHead)
        mlpChanges = workspace.take(layers * size)
        inputChange = workspace.take(size)
        streamGradients = workspace.take(layers * size)
        dStream = workspace.take(size)
        ends = workspace.take(pairs.count * configuration.dModel)
        endGradients = workspace.take(pairs.count * configuration.dModel)
        pass = DifferentiablePass(scorer.transformer, lengths: lengths, workspace: workspace)
        setChanges(lengths: lengths)
    }

    /// Gives the scratch memory back for the next piece.
    consuming func finish() -> Workspace {
        let start = start
        let workspace = pass.workspace
        workspace.reset(to: start)
        return workspace
    }

    /// Runs both prompts and sets what patching each node changes.
    private mutating func setChanges(lengths: [Int]) {
        let other = DifferentiablePass(
            scorer.transformer, lengths: lengths, workspace: Workspace())
        let first = scorer.clean.layout.starts[pairs.lowerBound]
        let size = rows.rowCount * dModel
        pass.embedding.update(from: scorer.clean.input.values + first * dModel, count: size)
        pass.forward()
        other.embedding.update(from: scorer.corrupted.input.values + first * dModel, count: size)
        other.forward()
        ckernels_difference(inputChange, other.embedding, pass.embedding, size)
        let zSize = rows.rowCount * headsWidth
        for layer in 0..<graph.nLayers {
            ckernels_difference(
                mlpChanges + layer * size, scorer.corrupted.mlp[layer].values + first * dModel,
                scorer.clean.mlp[layer].values + first * dModel, size)
            for part in Part.allCases {
                let change = headChanges + (layer * Part.allCases.count + part.rawValue) * zSize
                pass.attend(
                    inLayer: layer, with: other, queries: part == .query || part == .output,
                    keys: part == .key || part == .output,
                    values: part == .value || part == .output, to: change)
                ckernels_subtract(
                    change, scorer.clean.z[layer].values + first * headsWidth, zSize)
            }
        }
    }

    /// Adds the scores.
    mutating func run() {
        let layers = graph.nLayers
        let size = rows.rowCount * dModel
        pass.normalizedEnds(to: ends)
        let logitScratch = Workspace(blockSize: 1)
        scorer.metric.lossGradient(
            normalized: ends, pairs: pairs, into: endGradients, workspace: logitScratch)
        pass.startBackward(endGradients, to: dStream)
        // A drop of an earlier layer leaves a layer the whole gradient.
        let share = 1 / Float(max(1, layers - 1))
        for layer in (0..<layers).reversed() {
            (streamGradients + layer * size).update(from: dStream, count: size)
            visit(layer, weight: layers == 1 ? 1 : share * Float(layer))
        }
        for dropped in 0..<layers {
            dStream.update(from: streamGradients + dropped * size, count: size)
            for layer in (0..<dropped).reversed() { visit(layer, weight: share) }
            for pair in 0..<rows.promptCount {
                let offset = rows.starts[pair] * dModel
                let product = ckernels_dot(
                    inputChange + offset, dStream + offset, rows.length(pair) * dModel)
                (scores + pair * Self.nodeCount(of: graph)).pointee += abs(product) / Float(layers)
            }
        }
    }

    /// Adds the sizes of the attributions of a layer's nodes, and goes back through it.
    private mutating func visit(_ layer: Int, weight: Float) {
        let (graph, rows, scores) = (graph, rows, scores)
        let (dModel, dHead, headsWidth) = (dModel, dHead, headsWidth)
        let changes = headChanges + layer * Part.allCases.count * rows.rowCount * headsWidth
        for pair in 0..<rows.promptCount {
            let offset = rows.starts[pair] * dModel
            let product = ckernels_dot(
                mlpChanges + layer * rows.rowCount * dModel + offset, dStream + offset,
                rows.length(pair) * dModel)
            scores[pair * Self.nodeCount(of: graph) + graph.sender(mlp: layer)] +=
                weight * abs(product)
        }
        pass.nodeBackward(throughLayer: layer, dStream) { dz in
            func add(_ part: Part, of heads: Range<Int>, to node: Int) {
                let values = changes + part.rawValue * rows.rowCount * headsWidth
                for pair in 0..<rows.promptCount {
                    let product = rows.rows(pair).reduce(0.0) { sum, row in
                        let offset = row * headsWidth + heads.lowerBound * dHead
                        return sum
                            + Double(
                                ckernels_dot(values + offset, dz + offset, heads.count * dHead))
                    }
                    scores[pair * Self.nodeCount(of: graph) + node] += weight * Float(abs(product))
                }
            }
            let receivers = graph.senders.count
            for head in 0..<graph.nHeads {
                add(.output, of: head..<head + 1, to: graph.sender(layer: layer, head: head))
                add(
                    .query, of: head..<head + 1,
                    to: receivers + graph.receiver(layer: layer, head: head, .query))
            }
            for index in 0..<graph.keyReceiverCount {
                let heads = graph.heads(ofKeyReceiver: index)
                for (part, input) in [(Part.key, AttentionInput.key), (.value, .value)] {
                    add(
                        part, of: heads,
                        to: receivers
                            + graph.receiver(layer: layer, head: heads.lowerBound, input))
                }
            }
        }
    }
}
