import Artifacts

/// A dataset, in the field names that pairs have as JSONL.
struct DatasetRecord: Encodable {
    struct Pair: Encodable {
        var clean: String?
        var corrupted: String?
        var cleanIDs: [Int32]
        var corruptedIDs: [Int32]
        var answerIDs: [[Int32]]
        var wrongAnswerIDs: [[Int32]]
        var positions: [String: Int32]

        private enum CodingKeys: String, CodingKey {
            case clean, corrupted, positions
            case cleanIDs = "clean_ids"
            case corruptedIDs = "corrupted_ids"
            case answerIDs = "answer_ids"
            case wrongAnswerIDs = "wrong_answer_ids"
        }
    }

    var model: ModelRecord
    var task: String
    var seed: Int?
    var bosAdded: Bool
    var pairs: [Pair]

    private enum CodingKeys: String, CodingKey {
        case model, task, seed, pairs
        case bosAdded = "bos_added"
    }

    init(_ dataset: DatasetArtifact) {
        model = ModelRecord(dataset.model)
        task = dataset.task
        seed = dataset.seed
        bosAdded = dataset.bosAdded
        pairs = (0..<dataset.pairCount).map { index in
            Pair(
                clean: dataset.clean.texts?[index], corrupted: dataset.corrupted.texts?[index],
                cleanIDs: dataset.clean.ids[index], corruptedIDs: dataset.corrupted.ids[index],
                answerIDs: dataset.answers[index],
                wrongAnswerIDs: index < dataset.wrongAnswers.count
                    ? dataset.wrongAnswers[index] : [],
                positions: dataset.positions.mapValues { $0[index] }.filter { $0.value >= 0 })
        }
    }
}

/// An activation cache: what it holds, not the activations.
struct CacheRecord: Encodable {
    var model: ModelRecord
    var datasetDigest: String
    var precision: String
    var hookFilter: [String]
    var positionFilter: [String]
    var activations: [String: [Int]]
    var dataset: DatasetRecord

    private enum CodingKeys: String, CodingKey {
        case model, precision, activations, dataset
        case datasetDigest = "dataset_digest"
        case hookFilter = "hook_filter"
        case positionFilter = "position_filter"
    }

    init(_ cache: ActivationCache) {
        model = ModelRecord(cache.model)
        datasetDigest = cache.dataset.digest
        precision = cache.description.precision.rawValue
        hookFilter = cache.description.hookFilter
        positionFilter = cache.description.positionFilter
        activations = cache.shapes
        dataset = DatasetRecord(cache.dataset.content)
    }
}

/// Patching effects.
struct EffectsRecord: Encodable {
    var model: ModelRecord
    var level: String
    var site: String
    var direction: String
    var ablation: String
    var metric: String
    var cleanMetric: [Double?]
    var corruptedMetric: [Double?]
    var components: [String]
    var layers: [Int32]
    var positions: [String]
    var effects: [[Float?]]
    var datasetDigest: String
    var cacheDigest: String?

    private enum CodingKeys: String, CodingKey {
        case model, level, site, direction, ablation, metric, components, layers, positions
        case effects
        case cleanMetric = "clean_metric"
        case corruptedMetric = "corrupted_metric"
        case datasetDigest = "dataset_digest"
        case cacheDigest = "cache_digest"
    }

    init(_ effects: PatchEffectsArtifact) {
        model = ModelRecord(effects.model)
        level = effects.level
        site = effects.site
        direction = effects.direction
        ablation = effects.ablation
        metric = effects.metric
        cleanMetric = effects.cleanMetric.map(\.finite)
        corruptedMetric = effects.corruptedMetric.map(\.finite)
        components = effects.components
        layers = effects.layers
        positions = effects.positions
        self.effects = effects.components.indices.map { row in
            effects.effects[row: row].map(\.finite)
        }
        datasetDigest = effects.datasetDigest
        cacheDigest = effects.cacheDigest
    }
}
