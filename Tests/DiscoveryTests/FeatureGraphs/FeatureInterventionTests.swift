import Artifacts
import Basics
import Discovery
import Engine
import Graphs
import Models
import Testing

/// Interventions on features against the reference implementation, and against the graph.
@Suite("Interventions on features")
struct FeatureInterventionTests {
    @Test("Logits after two changes, whatever reacts", arguments: AttributionReference.cases)
    func modes(name: String) throws {
        let reference = try AttributionReference(name)
        let values = try reference("interventions")
        let changes = [0, 4].map { start in
            FeatureChange(
                FeaturePlace(
                    layer: Int(values[start]), feature: Int(values[start + 2]),
                    position: Int(values[start + 1])), .set(values[start + 3]))
        }
        let sources = try AttributionReference.sources(name)
        #expect(gap(sources.run.logits(), try reference("clean")) < 2e-5)
        let intervention = try FeatureIntervention(changes, on: sources.run, sources.set)
        for (mode, array) in [
            ("direct", "direct"), ("layers:1:3", "layers"),
            ("frozen-attention", "frozen-attention"), ("open", "open"),
        ] {
            let logits = try intervention.logits(#require(InterventionMode(mode)))
            #expect(gap(logits, try reference("steered_" + array)) < 3e-5, "\(mode)")
        }
        let all = try intervention.logits(.layers(0..<3))
        #expect(try all == intervention.logits(.direct))
    }

    @Test("A graph's edges are what ablating a feature does", arguments: AttributionReference.cases)
    func verification(name: String) throws {
        let sources = try AttributionReference.sources(name)
        let targets = AttributionTargets(likeliest: 10, mass: 0.95, after: sources.run)
        let graph = try FeatureGraphBuilder(sources, targets: targets).graph()
        let verified = try GraphVerification(graph, sources, targets: targets).verify(6)
        #expect(verified.count == 6)
        #expect(zip(verified, verified.dropFirst()).allSatisfy { $0.influence >= $1.influence })
        for feature in verified {
            #expect(feature.largestGap < 1e-5 * max(1, feature.largestEffect), "\(feature)")
            #expect(abs(feature.predicted - feature.direct) < 1e-5)
            #expect(feature.targetCount > graph.targets.count || feature.name.hasPrefix("m2"))
        }
    }

    @Test(
        "A feature set to what it is leaves the logits bit for bit, also behind norms",
        arguments: ["gemma2-skip", "gemma3-skip", "gemma3-clt", "olmo2-relu", "neox-skip"])
    func nothingLeft(name: String) throws {
        // Norms that follow MLPs would make more of a rounding error left by what is put back.
        let sources = try AttributionReference.sources(name)
        let changes = (0..<3).compactMap { layer in
            sources.features.first { $0.layer == Int32(layer) }
        }.map { feature in
            FeatureChange(
                FeaturePlace(
                    layer: Int(feature.layer), feature: Int(feature.index),
                    position: Int(feature.position)), .multiply(1))
        }
        #expect(changes.count == 3)
        let intervention = try FeatureIntervention(changes, on: sources.run, sources.set)
        for mode in [InterventionMode.open, .frozenAttention, .layers(0..<2), .direct] {
            #expect(try intervention.logits(mode) == sources.run.logits(), "\(mode)")
        }
    }

    @Test(
        "Steering vectors in every mode, with features changed and alone",
        arguments: ["gpt2-clt", "gemma2-skip", "neox-skip"])
    func vectors(name: String) throws {
        let expected = try AttributionReference(name + "-vectors")
        let sources = try AttributionReference.sources(name)
        let values = try AttributionReference(name)("interventions")
        let changes = [0, 4].map { start in
            FeatureChange(
                FeaturePlace(
                    layer: Int(values[start]), feature: Int(values[start + 2]),
                    position: Int(values[start + 1])), .set(values[start + 3]))
        }
        var sites = ["hook_resid_pre", "hook_attn_out", "hook_mlp_out", "hook_resid_post"]
        if !name.hasPrefix("neox") { sites.append("hook_resid_mid") }
        func pass() throws -> VectorPass {
            let additions = try sites.map { site in
                let vector = try expected(site).map { $0 / 2 }
                return try VectorAddition(
                    SteeringVectorArtifact(
                        method: "imported", site: site, layers: [1], positions: ["any"],
                        vectors: DenseArray(shape: [1, 1, 32], values: vector)),
                    scale: 2, at: .range(first: 2, end: nil), in: sources.run.transformer,
                    name: site)
            }
            return VectorPass(additions, length: sources.run.length)
        }
        for (changes, ending) in [(changes, ""), ([], "-alone")] {
            let intervention = try FeatureIntervention(changes, on: sources.run, sources.set)
            for mode in ["direct", "layers:1:3", "frozen-attention", "open"] {
                let vectors = try pass()
                let (logits, _) = try intervention.generate(
                    0, #require(InterventionMode(mode)), adding: vectors)
                let array = mode == "layers:1:3" ? "layers" : mode
                #expect(gap(logits, try expected(array + ending)) < 3e-5, "\(mode)\(ending)")
                #expect(
                    (0..<sites.count).allSatisfy {
                        vectors.activationNorms(ofAddition: $0)[0] ?? 0 > 0
                    })
            }
            let all = try intervention.generate(0, .layers(0..<3), adding: pass()).logits
            #expect(try all == intervention.generate(0, .direct, adding: pass()).logits)
        }
    }

    @Test("A vector at a norm's output has no direct effect, and is refused")
    func noDirectEffect() throws {
        let sources = try AttributionReference.sources("gpt2-clt")
        let vectors = SteeringVectorArtifact(
            method: "imported", site: "ln2.hook_normalized", layers: [1], positions: ["any"],
            vectors: DenseArray(shape: [1, 1, 32], values: [Float](repeating: 1, count: 32)))
        let pass = VectorPass(
            [
                try VectorAddition(
                    vectors, scale: 1, at: .all, in: sources.run.transformer, name: "v")
            ], length: sources.run.length)
        let intervention = try FeatureIntervention([], on: sources.run, sources.set)
        #expect(throws: Failure.self) { try intervention.generate(0, .direct, adding: pass) }
        #expect(try !intervention.generate(0, .layers(1..<2), adding: pass).logits.isEmpty)
    }

    @Test("Multiplying by 1 changes nothing, by 0 is setting to 0")
    func multiplying() throws {
        let sources = try AttributionReference.sources("gpt2-clt")
        let feature = try #require(sources.features.first)
        let place = FeaturePlace(
            layer: Int(feature.layer), feature: Int(feature.index),
            position: Int(feature.position))
        func logits(_ value: FeatureChange.Value) throws -> [Float] {
            try FeatureIntervention([FeatureChange(place, value)], on: sources.run, sources.set)
                .logits(.open)
        }
        #expect(gap(try logits(.multiply(1)), sources.run.logits()) < 1e-5)
        #expect(try logits(.multiply(0)) == logits(.set(0)))
        #expect(try logits(.multiply(3)) != logits(.set(0)))
    }

    @Test("Of several changes of a feature at a position the last one counts")
    func lastChange() throws {
        let sources = try AttributionReference.sources("gpt2-clt")
        let feature = try #require(sources.features.first)
        let (layer, index) = (Int(feature.layer), Int(feature.index))
        func logits(_ values: Float...) throws -> [Float] {
            let place = FeaturePlace(layer: layer, feature: index, position: Int(feature.position))
            return try FeatureIntervention(
                values.map { FeatureChange(place, .set($0)) }, on: sources.run, sources.set
            ).logits(.open)
        }
        #expect(try logits(1, 2) == logits(2))
        #expect(try logits(2, 1) == logits(1))
        #expect(throws: Failure.self) { try logits(.nan) }
    }

    @Test(
        "Generation with kept keys and values is that of running all again",
        arguments: AttributionReference.cases)
    func keptKeys(name: String) throws {
        let sources = try AttributionReference.sources(name)
        let change = try #require(FeaturePlace("m1.f2@2:"))
        let other = try #require(FeaturePlace("m0.f1@1:3"))
        let factor = try #require(FeaturePlace("m0.f5@0:"))
        let intervention = try FeatureIntervention(
            [
                FeatureChange(change, .set(5)), FeatureChange(other, .set(-2)),
                FeatureChange(factor, .multiply(3)),
            ], on: sources.run, sources.set)
        // With all three layers held, the prompt's norms are held, too.
        for mode in [
            InterventionMode.open, .frozenAttention, .layers(0..<2), .layers(1..<3), .layers(0..<3),
        ] {
            let (first, tokens) = try intervention.generate(5, mode)
            #expect(gap(first, try intervention.logits(mode)) < 2e-5)
            for count in tokens.indices {
                let logits = try intervention.logits(
                    mode, continuation: Array(tokens.prefix(count)))
                let best = try #require(logits.max())
                #expect(logits[Int(tokens[count])] > best - 2e-5, "\(mode), token \(count)")
            }
        }
        #expect(throws: Failure.self) { try intervention.generate(100, .open) }
    }

    @Test("What is generated goes on from the changed prompt")
    func generation() throws {
        let sources = try AttributionReference.sources("gpt2-clt")
        func intervention(_ name: String) throws -> FeatureIntervention {
            let place = try #require(FeaturePlace(name))
            return try FeatureIntervention(
                [FeatureChange(place, .set(6))], on: sources.run, sources.set)
        }
        for mode in [InterventionMode.open, .frozenAttention, .layers(0..<2)] {
            let generated = try intervention("m0.f3@2:").generate(4, mode).tokens
            #expect(generated.count == 4)
            // The first token is the likeliest after the changed prompt, the rest follow from it.
            let first = try intervention("m0.f3@2:").logits(mode)
            #expect(Int(generated[0]) == first.indices.max { first[$0] < first[$1] })
            let last = try intervention("m0.f3@2:").logits(
                mode, continuation: Array(generated.prefix(3)))
            #expect(Int(generated[3]) == last.indices.max { last[$0] < last[$1] })
        }
        // At positions of the prompt alone, an open-ended change is the same as one to its end.
        #expect(
            try intervention("m0.f3@2:").logits(.open) == intervention("m0.f3@2:6").logits(.open))
        #expect(
            try intervention("m0.f3@2:").logits(.open, continuation: [7])
                != intervention("m0.f3@2:6").logits(.open, continuation: [7]))
        #expect(throws: (any Error).self) { try intervention("m0.f3@2").generate(1, .direct) }
    }

    @Test(
        "Features and positions that aren't there are refused",
        arguments: [
            "m3.f0@2", "m0.f16@2", "m0.f0@6", "m0.f0@2:7",
        ])
    func refused(name: String) throws {
        let sources = try AttributionReference.sources("gpt2-clt")
        let place = try #require(FeaturePlace(name))
        #expect(throws: (any Error).self) {
            try FeatureIntervention([FeatureChange(place, .set(0))], on: sources.run, sources.set)
        }
    }
}
