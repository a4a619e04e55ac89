/// Attribution graphs of prompts: tokens, active features of transcoders, errors and logits, joined by
/// direct effects (Ameisen et al. 2025).
///
/// The graphs of several prompts lie one after the other in the same columns.
package struct AttributionGraphArtifact: Hashable, Sendable {
    /// How targets and nodes were chosen.
    package struct Settings: Hashable, Sendable {
        /// The most logits that could become targets; nil where targets were chosen.
        package var logitCount: Int?
        /// The probability at which no more logits became targets.
        package var logitMass: Double?
        /// The most features that could become nodes; nil where all active ones are.
        package var maxFeatures: Int?
        /// With a limit: rows of a batch.
        package var batchSize: Int?
        /// With a limit: batches after which features were ranked again.
        package var updateInterval: Int?
        /// The share of influence that kept nodes have at least.
        package var nodeThreshold: Double
        /// The share of scores that kept edges have at least, among kept nodes.
        package var edgeThreshold: Double

        /// Settings; what isn't given wasn't used.
        package init(
            logitCount: Int? = nil, logitMass: Double? = nil, maxFeatures: Int? = nil,
            batchSize: Int? = nil, updateInterval: Int? = nil, nodeThreshold: Double = 0.8,
            edgeThreshold: Double = 0.98
        ) {
            self.logitCount = logitCount
            self.logitMass = logitMass
            self.maxFeatures = maxFeatures
            self.batchSize = batchSize
            self.updateInterval = updateInterval
            self.nodeThreshold = nodeThreshold
            self.edgeThreshold = edgeThreshold
        }
    }

    /// A prompt and its graph's scores.
    package struct Prompt: Hashable, Sendable {
        /// What it is called: its text, or which pair of a dataset it is of.
        package var name: String
        /// How many features are active, those that are no nodes among them.
        package var activeFeatureCount: Int
        /// The share of influence that comes from tokens rather than errors.
        package var replacement: Double
        /// The share of what leads to nodes that isn't errors, nodes weighed by influence.
        package var completeness: Double
        /// `replacement` with features that are no nodes counted as errors.
        package var replacementWithLeftOut: Double
        /// `completeness` with features that are no nodes counted as errors.
        package var completenessWithLeftOut: Double

        /// A prompt; without the last two, nothing was left out.
        package init(
            name: String, activeFeatureCount: Int, replacement: Double, completeness: Double,
            replacementWithLeftOut: Double? = nil, completenessWithLeftOut: Double? = nil
        ) {
            self.name = name
            self.activeFeatureCount = activeFeatureCount
            self.replacement = replacement
            self.completeness = completeness
            self.replacementWithLeftOut = replacementWithLeftOut ?? replacement
            self.completenessWithLeftOut = completenessWithLeftOut ?? completeness
        }
    }

    /// The nodes as columns, each `[node]`.
    package struct Nodes: Hashable, Sendable {
        /// The prompt.
        package var prompts: [Int32] = []
        /// `m1.f17@5`, `m1.error@5`, `input@5`, `logits.t1234`.
        package var names: [String] = []
        /// The layer: -1 of tokens, the number of layers of logits.
        package var layers: [Int32] = []
        /// The position in the prompt.
        package var positions: [Int32] = []
        /// The feature's index; -1 of other nodes.
        package var features: [Int32] = []
        /// The token's id, of tokens and logits; -1 of other nodes.
        package var tokens: [Int32] = []
        /// The token as text, of tokens and logits; empty of other nodes. Nil where nothing is known.
        package var texts: [String]?
        /// The feature's activation; 0 of other nodes.
        package var activations: [Float] = []
        /// A logit's weight; 0 of other nodes.
        package var probabilities: [Double] = []
        /// How much of the logits the node accounts for.
        package var influences: [Double] = []
        /// The share of influence of the nodes up to this one, most influential first.
        package var cumulative: [Double] = []
        /// The magnitudes of effects by features that are no nodes; nil where all are.
        package var leftOut: [Float]?
        /// Whether the node is kept at the thresholds.
        package var kept: [Bool] = []

        /// No nodes yet.
        package init() {}

        /// Number of nodes.
        package var count: Int { names.count }
    }

    /// The edges as columns, each `[edge]`.
    package struct Edges: Hashable, Sendable {
        /// The node that the edge leads from.
        package var sources: [Int32] = []
        /// The node that it leads to.
        package var targets: [Int32] = []
        /// The direct effect.
        package var weights: [Float] = []
        /// Whether the edge is kept at the thresholds.
        package var kept: [Bool] = []

        /// No edges yet.
        package init() {}

        /// Number of edges.
        package var count: Int { weights.count }
    }

    /// Which attention heads carry kept edges, as columns, each `[loading]`: by edge, then by head. An
    /// edge is the sum of its loadings' weights.
    package struct HeadLoadings: Hashable, Sendable {
        /// The edge.
        package var edges: [Int32] = []
        /// The head's layer; -1 for the paths that go through no head.
        package var layers: [Int32] = []
        /// The head's number in it; -1 for the paths that go through no head.
        package var heads: [Int32] = []
        /// The part of the edge by paths on which the head is the last.
        package var weights: [Float] = []
        /// The part of the edge by all paths through the head.
        package var through: [Float] = []

        /// No loadings yet.
        package init() {}

        /// Number of loadings.
        package var count: Int { weights.count }

        /// The loadings of an edge.
        package func places(ofEdge edge: Int) -> Range<Int> {
            let first = edges.partitioningIndex { $0 >= edge }
            return first..<(edges[first...].partitioningIndex { $0 > edge })
        }
    }

    /// The model.
    package var model: ModelReference
    /// The transcoders.
    package var transcoders: TranscoderReference
    /// Layers of the model.
    package var layerCount: Int
    /// How targets and nodes were chosen.
    package var settings: Settings
    /// The prompts.
    package var prompts: [Prompt] = []
    /// The prompt of each token, prompt after prompt. Shape `[token]`.
    package var promptOfToken: [Int32] = []
    /// The tokens' ids. Shape `[token]`.
    package var tokens: [Int32] = []
    /// The nodes.
    package var nodes = Nodes()
    /// The edges whose weight isn't 0.
    package var edges = Edges()
    /// Which heads carry kept edges; nil where that wasn't asked.
    package var headLoadings: HeadLoadings?
    /// Digest of the dataset that the prompts are of, if they are.
    package var datasetDigest: String?

    /// An artifact without prompts yet.
    package init(
        model: ModelReference, transcoders: TranscoderReference, layerCount: Int,
        settings: Settings, datasetDigest: String? = nil
    ) {
        self.model = model
        self.transcoders = transcoders
        self.layerCount = layerCount
        self.settings = settings
        self.datasetDigest = datasetDigest
    }

    /// The nodes of a prompt.
    package func nodes(ofPrompt prompt: Int) -> Range<Int> {
        Self.places(of: prompt, in: nodes.prompts)
    }

    /// The tokens' places of a prompt.
    package func tokens(ofPrompt prompt: Int) -> Range<Int> {
        Self.places(of: prompt, in: promptOfToken)
    }

    /// The edges of a prompt: its targets are that prompt's.
    package func edges(ofPrompt prompt: Int) -> Range<Int> {
        let nodes = nodes(ofPrompt: prompt)
        let first = edges.targets.firstIndex { nodes.contains(Int($0)) } ?? edges.count
        let end = edges.targets[first...].firstIndex { !nodes.contains(Int($0)) } ?? edges.count
        return first..<end
    }

    /// Where a column that names prompts in order names this one.
    private static func places(of prompt: Int, in column: [Int32]) -> Range<Int> {
        let first = column.firstIndex { $0 == prompt } ?? column.count
        let end = column[first...].firstIndex { $0 != prompt } ?? column.count
        return first..<end
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first place from which on a condition holds, where it holds for all after one that it holds for.
    fileprivate func partitioningIndex(_ holds: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
