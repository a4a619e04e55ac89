import Artifacts
import Basics
import Discovery
import Engine
import Foundation
import Graphs
import Models
import TestSupport
import Testing

/// Steering vectors, and what adding them does, against transformers and numpy.
@Suite("Steering vectors")
struct SteeringVectorTests {
    private static let models = ["tiny-gpt2", "tiny-gemma3", "tiny-qwen3"]
    private static let prompt: [Int32] = [2, 17, 33, 45, 9, 17]

    private func transformer(_ name: String) throws -> Transformer {
        try Transformer(Model.load(Fixture.path("models/" + name)))
    }

    private func expected(_ name: String, _ array: String) throws -> [Float] {
        try Safetensors(path: Fixture.path("steering/expected-\(name).safetensors"))
            .values(of: array).values
    }

    private func dataset(_ name: String) throws -> DatasetArtifact {
        struct Pair: Decodable {
            var clean_ids: [Int32]
            var corrupted_ids: [Int32]
        }
        let pairs = try String(
            contentsOfFile: Fixture.path("steering/pairs-\(name).jsonl"), encoding: .utf8
        ).split(separator: "\n").map { try JSONDecoder().decode(Pair.self, from: Data($0.utf8)) }
        func prompts(_ ids: [[Int32]]) -> Prompts {
            Prompts(texts: ids.map { _ in "" }, ids: ids)
        }
        let none = pairs.map { _ in [[Int32]]() }
        return DatasetArtifact(
            model: .sample, task: "test", seed: 0, clean: prompts(pairs.map(\.clean_ids)),
            corrupted: prompts(pairs.map(\.corrupted_ids)), answers: none, wrongAnswers: none,
            positions: [:], bosAdded: false)
    }

    private func vectors(
        _ method: SteeringMethod, _ site: HookPoint.BlockPoint = .residualPost,
        layers: [Int] = [0, 1, 2], positions: String = "end", of name: String
    ) throws -> SteeringVectorArtifact {
        try SteeringVectorMaker(
            dataset(name), site: site, layers: layers, positions: positions,
            with: transformer(name)
        ).vectors(method, model: .sample, datasetDigest: String(repeating: "cd", count: 32))
    }

    private func gap(_ one: some Sequence<Float>, _ other: some Sequence<Float>) -> Float {
        zip(one, other).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test("Mean differences and first components equal the reference's", arguments: models)
    func made(name: String) throws {
        let mean = try vectors(.meanDifference, of: name)
        let reference = try expected(name, "mean")
        #expect(mean.vectors.values.count == reference.count)
        #expect(gap(mean.vectors.values, reference) < 2e-5)
        #expect(mean.pairsUsed?.values == [7, 7, 7])
        let component = try vectors(.firstComponent, of: name)
        #expect(gap(component.vectors.values, try expected(name, "component")) < 1e-4)
        for layer in 0..<3 { #expect(abs(component.norm(layer: layer, position: 0) - 1) < 1e-5) }
        #expect(component.explained?.values.allSatisfy { $0 > 0.2 && $0 < 1 } == true)
        let front = try vectors(
            .meanDifference, .residualPre, layers: [1], positions: "0:3", of: name)
        #expect(front.positions == ["0", "1", "2"])
        #expect(gap(front.vectors.values, try expected(name, "front")) < 2e-5)
    }

    /// The three conventions: where vectors are added, and the fixture's scale.
    private func addition(_ way: String, _ name: String, _ transformer: Transformer) throws
        -> VectorAddition
    {
        let (vectors, scale, positions): (SteeringVectorArtifact, Float, String?) =
            switch way {
            case "repeng":
                (try self.vectors(.firstComponent, layers: [1, 2], of: name), 0.75, "repeng")
            case "caa": (try self.vectors(.meanDifference, layers: [1], of: name), -1.5, "-1:")
            default:
                (
                    try self.vectors(
                        .meanDifference, .residualPre, layers: [1], positions: "0:3", of: name), 2,
                    nil
                )
            }
        return try VectorAddition(
            vectors, scale: scale, at: positions.flatMap { SteeringPositions($0) },
            in: transformer, name: way)
    }

    @Test(
        "Logits and tokens with vectors added are those of transformers without a cache",
        arguments: models, ["repeng", "caa", "actadd"])
    func added(name: String, way: String) throws {
        let transformer = try transformer(name)
        let addition = try addition(way, name, transformer)
        let pass = VectorPass([addition], length: Self.prompt.count)
        let (logits, tokens) = try transformer.generate(6, after: Self.prompt, adding: pass)
        let reference = try expected(name, way + "_logits")
        #expect(gap(logits, reference) < 5e-5)
        let file = try Safetensors(path: Fixture.path("steering/expected-\(name).safetensors"))
        #expect(tokens == (try file.values(of: way + "_tokens")).values.map { Int32($0) })
        // The vectors count: without them the logits are others.
        #expect(gap(try transformer.logits(of: [Self.prompt]).array, reference) > 1e-2)
        let norm = try #require(pass.activationNorms(ofAddition: 0)[0])
        #expect(norm > 0)
    }

    @Test("Setting a feature is adding its decoder row to the MLP's output")
    func feature() throws {
        let sources = try AttributionReference.sources("gpt2-topk")
        let (run, set) = (sources.run, sources.set)
        let feature = try #require(sources.features.first { $0.position == 3 })
        let (layer, index) = (Int(feature.layer), Int(feature.index))
        let place = FeaturePlace(layer: layer, feature: index, position: 3)
        let intervention = try FeatureIntervention(
            [FeatureChange(place, .set(feature.activation + 2))], on: run, set)
        let row = FloatBuffer(count: run.dModel)
        set.layers[layer].copyDecoder(of: index, output: 0, to: row.values)
        func pass(_ scale: Float, _ positions: String) throws -> VectorPass {
            let vectors = SteeringVectorArtifact(
                method: "imported", site: "hook_mlp_out", layers: [Int32(layer)],
                positions: ["any"],
                vectors: DenseArray(shape: [1, 1, run.dModel], values: row.array))
            return VectorPass(
                [
                    try VectorAddition(
                        vectors, scale: scale, at: SteeringPositions(positions),
                        in: run.transformer, name: "row")
                ], length: run.length)
        }
        let byFeature = try intervention.generate(4, .open)
        let byVector = try run.transformer.generate(4, after: run.tokens, adding: pass(2, "3"))
        #expect(gap(byFeature.logits, byVector.logits) < 2e-5)
        #expect(byFeature.tokens == byVector.tokens)
        // Both together: the change and its opposite leave the prompt as it was.
        let none = try intervention.generate(0, .open, adding: pass(-2, "3"))
        #expect(gap(none.logits, run.logits()) < 2e-5)
        #expect(gap(byFeature.logits, run.logits()) > 1e-3)
    }

    @Test("The length that a vector's is compared with is the median over positions")
    func activationLength() throws {
        let transformer = try transformer("tiny-gpt2")
        let vectors = SteeringVectorArtifact(
            method: "imported", site: "hook_resid_post", layers: [0], positions: ["any"],
            vectors: DenseArray(
                shape: [1, 1, transformer.configuration.dModel],
                values: Array(repeating: 0, count: transformer.configuration.dModel)))
        func length(at positions: String) throws -> Float {
            let pass = VectorPass(
                [
                    try VectorAddition(
                        vectors, scale: 1, at: SteeringPositions(positions), in: transformer,
                        name: "none")
                ], length: Self.prompt.count)
            _ = try transformer.generate(0, after: Self.prompt, adding: pass)
            return try #require(pass.activationNorms(ofAddition: 0)[0])
        }
        let alone = try Self.prompt.indices.map { try length(at: "\($0)") }.sorted()
        #expect(abs(try length(at: "all") - (alone[2] + alone[3]) / 2) < 1e-4)
        #expect(alone[5] - alone[0] > 1e-2)
    }

    @Test("Vectors that can't be made or added are refused")
    func refused() throws {
        let transformer = try transformer("tiny-gpt2")
        let front = try vectors(
            .meanDifference, .residualPre, layers: [1], positions: "0:3", of: "tiny-gpt2")
        var narrow = front
        narrow.vectors = DenseArray(shape: [1, 3, 2], values: [1, 2, 3, 4, 5, 6])
        var high = front
        high.layers = [3]
        var elsewhere = front
        elsewhere.site = "attn.hook_pattern"
        for wrong in [narrow, high, elsewhere] {
            #expect(throws: Failure.self) {
                try VectorAddition(wrong, scale: 1, at: nil, in: transformer, name: "v.h5")
            }
        }
        #expect(throws: Failure.self) {
            try VectorAddition(front, scale: 1, at: .all, in: transformer, name: "v.h5")
        }
        #expect(throws: Failure.self) {
            try vectors(.meanDifference, .z, layers: [1], of: "tiny-gpt2")
        }
        #expect(throws: Failure.self) { try vectors(.meanDifference, layers: [3], of: "tiny-gpt2") }
        for name in ["", "2:x", "first", ":", "1:2:3"] {
            #expect((SteeringPositions(name) == nil) == (name != ":"), "\(name)")
        }
    }

    @Test("Where two components have nearly the same variance it is said that neither is found")
    func convergence() throws {
        // Three directions a third of a circle apart vary alike along both axes, but for a stretch.
        func component(stretch: Float) -> FirstComponent {
            let height = Float(3).squareRoot() / 2 * stretch
            return FirstComponent([1, 0, -0.5, height, -0.5, -height], width: 2)
        }
        #expect(!component(stretch: 1.0001).isConverged)
        let clear = component(stretch: 1.5)
        #expect(clear.isConverged)
        let direction = try #require(clear.direction)
        #expect(abs(direction[0]) < 1e-6 && abs(abs(direction[1]) - 1) < 1e-6)
        #expect(abs(clear.explained - 2.25 / 3.25) < 1e-6)
    }
}
