package import Basics
import Engine
package import Experiments
import Graphs
import Models

/// AtP* (Kramár et al. 2024, arXiv:2403.00745): of each node, what patching it changes times the
/// gradient in the clean run, with two corrections. For a head's queries or keys the change is that of
/// its z with the softmax computed anew; and the size of the product is the mean over backward passes
/// that each drop another layer than the node's own (GradDrop).
///
///     s_n = mean over pairs of mean over layers l of |sum_t change_{n,t} . g_{n,t} without layer l|, l not that of n
///     S(u -> r) = min(s_u, s_r)
///
/// The ends of an edge are its sender, and the queries, keys, values or MLP that it goes to; `logits`
/// is no limit. So the edges above a threshold are those between the nodes above it.
package struct AtPStar: ScoringMethod {
    package static let name = "atp-star"
    package static let needsWholePairs = true
    package static let meaning = ScoreMeaning.importance
    package static let needsGradient = true
    package static let usesCleanGradientOnly = true
    package static let reasonAgainstPairScores: String? = "atp-star scores nodes by their mean"

    package init() {}

    package func check(_ ablation: Ablation) throws(Failure) {
        guard ablation == .resample else {
            throw Failure(
                .usage,
                "atp-star patches queries and keys with those of the corrupted prompts: use "
                    + "--ablation resample")
        }
    }

    package func scores(
        of experiment: Experiment, resolution: ScoreResolution, progress: ScoringProgress.Receiver
    ) throws -> AttributionScores {
        let graph = experiment.graph
        let nodes = PairwiseScores(
            of: experiment, width: graph.senders.count + graph.receivers.count, progress: progress
        ) { pairs, scores, workspace in
            AtPStarPiece(experiment, pairs: pairs, scores: scores, in: workspace).addScores()
        }.mean
        var edges: [Float] = []
        edges.reserveCapacity(graph.edgeCount)
        for (number, receiver) in graph.receivers.enumerated() {
            let limit: Float =
                switch receiver {
                case .logits: .infinity
                case .mlp(let layer): nodes[graph.sender(mlp: layer)]
                case .head, .group: nodes[graph.senders.count + number]
                }
            edges += nodes[..<graph.senderCount(of: number)].map { min($0, limit) }
        }
        return AttributionScores(
            mean: edges, losses: ReferenceLosses(of: experiment),
            ofNodes: Array(nodes[..<graph.senders.count]) + [0])
    }
}

/// The scores of the nodes of the pairs of one piece.
private struct AtPStarPiece {
    /// What of a head is patched.
    enum Part: Int, CaseIterable {
        case query, key, value, output
    }

    private let experiment: Experiment
    private let graph: ComputationalGraph
    private let pairs: Range<Int>
    /// Senders and receivers together.
    private let nodeCount: Int
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
    private let pass: DifferentiablePass

    private var dModel: Int { graph.dModel }
    private var dHead: Int { experiment.transformer.configuration.dHead }
    private var headsWidth: Int { graph.nHeads * dHead }

    init(
        _ experiment: Experiment, pairs: Range<Int>, scores: UnsafeMutablePointer<Float>,
        in workspace: Workspace
    ) {
        self.experiment = experiment
        self.pairs = pairs
        self.scores = scores
        graph = experiment.graph
        nodeCount = graph.senders.count + graph.receivers.count
        let lengths = pairs.map(experiment.clean.layout.length)
        rows = RowLayout(lengths: lengths)
        let configuration = experiment.transformer.configuration
        let (count, layers) = (rows.rowCount, configuration.nLayers)
        let size = count * configuration.dModel
        headChanges = workspace.take(
            layers * Part.allCases.count * count * configuration.nHeads * configuration.dHead)
        mlpChanges = workspace.take(layers * size)
        inputChange = workspace.take(size)
        streamGradients = workspace.take(layers * size)
        dStream = workspace.take(size)
        ends = workspace.take(pairs.count * configuration.dModel)
        endGradients = workspace.take(pairs.count * configuration.dModel)
        pass = DifferentiablePass(experiment.transformer, lengths: lengths, workspace: workspace)
        setChanges(lengths: lengths)
    }

    /// Runs both prompts and sets what patching each node changes.
    private func setChanges(lengths: [Int]) {
        let other = DifferentiablePass(
            experiment.transformer, lengths: lengths, workspace: Workspace())
        let first = experiment.clean.layout.starts[pairs.lowerBound]
        let size = rows.rowCount * dModel
        pass.embedding.update(from: experiment.clean.input.values + first * dModel, count: size)
        pass.forward()
        other.embedding.update(
            from: experiment.corrupted.input.values + first * dModel, count: size)
        other.forward()
        inputChange.update(from: other.embedding, minus: pass.embedding, count: size)
        let zSize = rows.rowCount * headsWidth
        for layer in 0..<graph.nLayers {
            (mlpChanges + layer * size).update(
                from: experiment.corrupted.mlp[layer].values + first * dModel,
                minus: experiment.clean.mlp[layer].values + first * dModel, count: size)
            for part in Part.allCases {
                let change = headChanges + (layer * Part.allCases.count + part.rawValue) * zSize
                pass.attend(
                    inLayer: layer, with: other, queries: part == .query || part == .output,
                    keys: part == .key || part == .output,
                    values: part == .value || part == .output, to: change)
                change.subtract(
                    experiment.clean.z[layer].values + first * headsWidth, count: zSize)
            }
        }
    }

    /// Adds the scores.
    func addScores() {
        let layers = graph.nLayers
        let size = rows.rowCount * dModel
        pass.normalizedEnds(to: ends)
        let logitScratch = Workspace(blockSize: 1)
        experiment.metric.lossGradient(
            normalized: ends, pairs: pairs, into: endGradients, workspace: logitScratch)
        pass.startBackward(endGradients, to: dStream)
        // Of the other layers, as many as `layer` come before a layer. Dropping one of them leaves
        // the layer's gradient as it is: together they weigh layer / (layers - 1).
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
                let product = dot(
                    inputChange + offset, dStream + offset, count: rows.length(pair) * dModel)
                (scores + pair * nodeCount).pointee += abs(product) / Float(layers)
            }
        }
    }

    /// Adds the sizes of the attributions of a layer's nodes, and goes back through it.
    private func visit(_ layer: Int, weight: Float) {
        let (graph, rows, scores, nodeCount) = (graph, rows, scores, nodeCount)
        let (dModel, dHead, headsWidth) = (dModel, dHead, headsWidth)
        let changes = headChanges + layer * Part.allCases.count * rows.rowCount * headsWidth
        for pair in 0..<rows.promptCount {
            let offset = rows.starts[pair] * dModel
            let product = dot(
                mlpChanges + layer * rows.rowCount * dModel + offset, dStream + offset,
                count: rows.length(pair) * dModel)
            scores[pair * nodeCount + graph.sender(mlp: layer)] +=
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
                                dot(values + offset, dz + offset, count: heads.count * dHead))
                    }
                    scores[pair * nodeCount + node] += weight * Float(abs(product))
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
