package import Artifacts
package import Engine
package import Experiments
import Foundation
import Graphs
package import Models
package import Tasks
import TestSupport

/// A tiny model with its pairs and what the reference implementation found on them
/// (`fixtures/reference`).
package struct ReferencePairs {
    private struct Line: Decodable {
        var clean_ids: [Int32]
        var corrupted_ids: [Int32]
        var answer_ids: [[Int32]]
        var wrong_answer_ids: [[Int32]]
        var positions: [String: Int32]?
    }

    /// The tiny models of which the reference knows everything, one of each kind of layer.
    package static let families = [
        "tiny-gpt2", "tiny-llama", "tiny-llama-gqa", "tiny-qwen2", "tiny-gpt-neox", "tiny-gemma2",
        "tiny-gemma3", "tiny-olmo2",
    ]
    /// The other tiny models: their layers are among those kinds, and the reference knows nothing of
    /// ACDC at other levels, of ragged pairs' scores, and of graphs without shared keys and values but
    /// for patched circuits and learnt masks.
    package static let similarFamilies = [
        "tiny-gemma", "tiny-qwen3", "tiny-mistral", "tiny-phi3", "tiny-smollm3",
    ]
    /// All tiny models: the reference knows their metrics, gradients, scores, ACDC runs, patched
    /// circuits, AtP*, learnt masks, evaluations, and metrics that read several positions.
    package static let everyFamily = families + similarFamilies
    /// Those of `families` whose heads share keys and values.
    package static let sharingFamilies = [
        "tiny-llama-gqa", "tiny-qwen2", "tiny-gemma2", "tiny-gemma3", "tiny-olmo2",
    ]

    /// Every family, and those whose heads share keys and values also with inputs of their own for
    /// each query head.
    package static let groupings: [(family: String, ungrouped: Bool)] =
        families.map { ($0, false) } + sharingFamilies.map { ($0, true) }

    /// Every family whose learnt masks the reference knows, with and without inputs of its own for
    /// each query head.
    package static let maskGroupings: [(family: String, ungrouped: Bool)] =
        groupings + similarFamilies.flatMap { [($0, false), ($0, true)] }

    package let family: String
    package let transformer: Transformer
    package let activations: PairActivations

    package init(
        _ family: String, file: String = "pairs", times: Int = 1, model path: String? = nil,
        threads: Int = 2, meter: WorkMeter? = nil
    ) throws {
        try self.init(
            family, Model.load(path ?? Fixture.path("models/\(family)")), file: file, times: times,
            threads: threads, meter: meter)
    }

    /// - Parameters:
    ///   - model: the family's model, or another of its shape.
    ///   - times: how often the pairs of the file come one after the other.
    ///   - meter: counts what the model's products are.
    package init(
        _ family: String, _ model: Model, file: String = "pairs", times: Int = 1,
        threads: Int = 2, meter: WorkMeter? = nil
    ) throws {
        self.family = family
        transformer = try Transformer(model, pool: WorkerPool(threads: threads, meter: meter))
        let text = String(
            decoding: try Fixture.data("reference/\(family)/\(file).jsonl"), as: UTF8.self)
        let lines = try Array(repeating: text.split(separator: "\n"), count: times).joined().map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
        let dataset = DatasetArtifact(
            model: ModelReference(name: family, path: model.path, digest: "", family: family),
            task: "reference", clean: Prompts(ids: lines.map(\.clean_ids)),
            corrupted: Prompts(ids: lines.map(\.corrupted_ids)),
            answers: lines.map(\.answer_ids), wrongAnswers: lines.map(\.wrong_answer_ids),
            positions: (lines.first?.positions ?? [:]).keys.reduce(into: [:]) { columns, name in
                columns[name] = lines.map { $0.positions?[name] ?? -1 }
            })
        activations = try PairActivations(running: dataset, with: transformer)
    }

    package var dataset: DatasetArtifact { activations.dataset }
    package var clean: SenderOutputs { activations.clean }
    package var corrupted: SenderOutputs { activations.corrupted }
    package var cleanLogits: FloatBuffer { activations.cleanLogits }

    /// These pairs by a metric and an ablation.
    /// - Parameter activations: others than those of the pairs as they are.
    package func experiment(
        _ metric: Metric, ungrouped: Bool = false, ablation: Ablation = .resample,
        activations: PairActivations? = nil
    ) throws -> Experiment {
        try Experiment(
            ComputationalGraph(transformer.configuration, ungroupedKeyValue: ungrouped),
            transformer: transformer, metric: metric,
            activations: activations ?? self.activations, ablation: ablation)
    }

    /// A metric bound to these pairs.
    package func bound(_ metric: Metric) throws -> BoundMetric {
        try BoundMetric(
            metric, dataset: dataset, transformer: transformer,
            cleanLogits: activations.cleanLogits)
    }

    /// Decodes one of the reference's files.
    package func reference<Value: Decodable>(_ file: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Fixture.data("reference/\(family)/\(file).json"))
    }
}
