/// The effects of patching: the change of the metric for every component, at every position, that was
/// patched.
package struct PatchEffectsArtifact: Hashable, Sendable {
    /// The model.
    package var model: ModelReference
    /// What was patched: `node` (activation patching) or `edge` (path patching).
    package var level: String
    /// The role of the components, for example `resid_pre`, `z`, `q`, `mlp_out`; `mixed` if several.
    package var site: String
    /// The name of each component: a hook name, a node (`a3.h7`) or an edge (`m1->a3.h7<q>`).
    package var components: [String]
    /// The layer of each component, -1 where it has none. Shape `[component]`.
    package var layers: [Int32]
    /// The label of each position patched: `0`, `1`, ..., a named position, or `all`.
    package var positions: [String]
    /// The text of the token at each position, where it is the same in the clean prompts of all pairs;
    /// empty otherwise. Nil where tokens aren't known. Shape `[position]`.
    package var tokens: [String]?
    /// The dataset's name of each position, where it is there in all pairs; empty otherwise. Nil where
    /// names aren't known. Shape `[position]`.
    package var positionNames: [String]?
    /// The metric with the component patched minus the metric without, the mean over pairs; NaN
    /// where not patched. Shape `[component, position]`.
    package var effects: DenseArray<Float>
    /// The same per pair. Shape `[component, position, pair]`.
    package var perPair: DenseArray<Float>?
    /// The metric on each clean prompt. Shape `[pair]`.
    package var cleanMetric: [Double]
    /// The metric on each corrupted prompt. Shape `[pair]`.
    package var corruptedMetric: [Double]
    /// The metric's name.
    package var metric: String
    /// `corrupted-into-clean` (noising) or `clean-into-corrupted` (denoising).
    package var direction: String
    /// What the patched activation is replaced by: `resample` (the other run's activation), `zero` or
    /// `mean`.
    package var ablation: String
    /// Digest of the dataset.
    package var datasetDigest: String
    /// Digest of the activation cache, if one was used.
    package var cacheDigest: String?

    /// Makes effects from their parts.
    package init(
        model: ModelReference, level: String, site: String, components: [String], layers: [Int32],
        positions: [String], tokens: [String]? = nil, positionNames: [String]? = nil,
        effects: DenseArray<Float>, perPair: DenseArray<Float>? = nil,
        cleanMetric: [Double], corruptedMetric: [Double], metric: String, direction: String,
        ablation: String = "resample", datasetDigest: String, cacheDigest: String? = nil
    ) {
        self.model = model
        self.level = level
        self.site = site
        self.components = components
        self.layers = layers
        self.positions = positions
        self.tokens = tokens
        self.positionNames = positionNames
        self.effects = effects
        self.perPair = perPair
        self.cleanMetric = cleanMetric
        self.corruptedMetric = corruptedMetric
        self.metric = metric
        self.direction = direction
        self.ablation = ablation
        self.datasetDigest = datasetDigest
        self.cacheDigest = cacheDigest
    }
}
