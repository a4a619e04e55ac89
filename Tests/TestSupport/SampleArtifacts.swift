package import Artifacts

extension ArtifactKind {
    /// Sample content of this kind; nil for `activation-cache`, which has no content type.
    package var sample: (any ArtifactContent & Equatable)? {
        switch self {
        case .dataset: DatasetArtifact.sample
        case .activationCache: nil
        case .patchEffects: PatchEffectsArtifact.sample
        case .edgeScores: EdgeScoresArtifact.sample
        case .circuit: CircuitArtifact.sampleOfSearch
        case .evaluation: EvaluationArtifact.sample
        case .circuitDiff: CircuitDiffArtifact.sample
        case .attributionGraph: AttributionGraphArtifact.sample
        case .featureCircuit: FeatureCircuitArtifact.sample
        case .steeringVector: SteeringVectorArtifact.sample
        }
    }
}

extension ModelReference {
    /// A model that doesn't exist.
    package static let sample = ModelReference(
        name: "tiny", path: "/models/tiny", digest: String(repeating: "ab", count: 32),
        family: "llama")
}

extension DatasetArtifact {
    /// Three pairs of two lengths, with answers of one token and of two, and no wrong answer for
    /// the last pair.
    package static let sample = DatasetArtifact(
        model: .sample, task: "ioi", seed: 7,
        clean: Prompts(texts: ["a b c", "d e", "ü 日本 b"], ids: [[1, 5, 6], [1, 8], [1, 9, 6]]),
        corrupted: Prompts(
            texts: ["a b d", "d f", "ü 日本 c"], ids: [[1, 5, 7], [1, 9], [1, 9, 7]]),
        answers: [[[10]], [[11], [12, 13]], [[14]]], wrongAnswers: [[[15]], [[16, 17]], []],
        answerTexts: [[" c"], [" f", "ü 日"], [" b\n"]], wrongAnswerTexts: [[" d"], [" e f"], []],
        positions: ["IO": [1, 1, -1], "end": [2, 1, 2]], bosAdded: true)
}

extension DatasetArtifact {
    /// The sample with the texts of its tokens.
    package static var sampleWithTokens: DatasetArtifact {
        var dataset = sample
        dataset.tokenTexts = [1: "<s>", 5: " a", 6: " b", 7: "\n", 8: "日", 9: "\u{FFFD}"]
        return dataset
    }
}

extension CircuitArtifact {
    /// Every other edge of a small graph, with a decision log and two runs, of which the second shares
    /// decisions with the first.
    package static var sample: CircuitArtifact {
        let graph = GraphTable.sample()
        let edges = 0..<graph.edgeCount
        let decisions = (0..<4).map {
            LoggedDecision(
                edge: Int32($0), before: Double($0) / 4, after: Double($0) / 3, removed: $0 != 2)
        }
        let inCircuit = edges.map { $0 % 2 == 0 }
        return CircuitArtifact(
            model: .sample, graph: graph, inCircuit: inCircuit,
            nodeInCircuit: graph.nodes.indices.map { $0 % 3 != 1 },
            scores: edges.map { Float($0) / 8 },
            neurons: DenseArray(
                shape: [graph.nodes.count, 2],
                values: (0..<2 * graph.nodes.count).map { $0 % 5 == 0 }),
            neuronCounts: graph.nodes.map { $0 == "logits" ? 0 : 2 },
            roles: graph.nodes.map { $0.hasSuffix(".h1") ? "name mover" : "" },
            keptShare: edges.map { $0 % 2 == 0 ? 1 : 0.5 }, method: "acdc", metric: "kl",
            fullMetric: 0, circuitMetric: 0.125, ablatedMetric: 4, threshold: 0.02,
            order: "cli", nominalEdgeCount: 25, pairsPerTest: 4, errorRate: 0.01,
            decisions: decisions,
            runs: [
                CircuitRun(
                    threshold: 0.02, order: "cli", circuitMetric: 0.125, inCircuit: inCircuit,
                    decisions: decisions),
                CircuitRun(
                    threshold: 0.5, order: "shuffle", seed: 3, circuitMetric: 0.75,
                    inCircuit: edges.map { _ in false }, parent: 0, sharedDecisions: 2,
                    decisions: [LoggedDecision(edge: 5, before: 0.25, after: 0.5, removed: true)]),
            ], datasetDigest: String(repeating: "cd", count: 32),
            cacheDigest: String(repeating: "ef", count: 32))
    }
}

extension CircuitArtifact {
    /// The sample as a search could have made it: logs and circuits agree, and a circuit has the senders
    /// of its edges. The golden files hold it since 2.0.1, and those before ``sample``, where they don't.
    package static var sampleOfSearch: CircuitArtifact {
        var circuit = sample
        func log(_ decisions: inout [LoggedDecision], _ inCircuit: [Bool]) {
            for index in decisions.indices {
                decisions[index].removed = !inCircuit[Int(decisions[index].edge)]
            }
        }
        log(&circuit.decisions, circuit.inCircuit)
        log(&circuit.runs[0].decisions, circuit.inCircuit)
        for edge in circuit.inCircuit.indices where circuit.inCircuit[edge] {
            circuit.nodeInCircuit[Int(circuit.graph.senderOfEdge[edge])] = true
        }
        // The second run shares the decisions on the edges 0, which is kept, and 1.
        circuit.runs[1].inCircuit[0] = true
        let neurons = circuit.neurons?.values ?? []
        circuit.neurons = DenseArray(
            shape: [circuit.graph.nodes.count, 2],
            values: neurons.dropLast(2) + [false, false])
        return circuit
    }
}

extension EdgeScoresArtifact {
    /// Scores of a small graph, with all optional columns.
    package static var sample: EdgeScoresArtifact {
        let graph = GraphTable.sample()
        let count = graph.edgeCount
        return EdgeScoresArtifact(
            model: .sample, graph: graph, scores: (0..<count).map { Float($0) - 3.5 },
            perPair: DenseArray(shape: [count, 2], values: (0..<2 * count).map { Float($0) }),
            nodeScores: graph.nodes.indices.map { Float($0) },
            neuronScores: DenseArray(repeating: 0.5, shape: [graph.nodes.count, 3]),
            losses: [3, 2, 1.5], method: "eap-ig-inputs", metric: "logit-diff", steps: 5,
            seed: 11, fullMetric: 3, ablatedMetric: -0.25,
            datasetDigest: String(repeating: "cd", count: 32))
    }
}

extension PatchEffectsArtifact {
    /// Two layers by three positions by two pairs.
    package static let sample = PatchEffectsArtifact(
        model: .sample, level: "node", site: "resid_pre",
        components: ["blocks.0.hook_resid_pre", "blocks.1.hook_resid_pre"], layers: [0, 1],
        positions: ["0", "1", "end"], tokens: ["<s>", "", " to"], positionNames: ["", "IO", "end"],
        effects: DenseArray(shape: [2, 3], values: [0, 0.5, 1, -1, 2, 3]),
        perPair: DenseArray(shape: [2, 3, 2], values: (0..<12).map { Float($0) }),
        cleanMetric: [5, 4], corruptedMetric: [-1, 0.5], metric: "logit-diff",
        direction: "corrupted-into-clean", datasetDigest: String(repeating: "cd", count: 32),
        cacheDigest: String(repeating: "ef", count: 32))
}

extension EvaluationArtifact {
    /// Figures, two curves of different length and columns per edge and per pair.
    package static var sample: EvaluationArtifact {
        let graph = GraphTable.sample()
        var evaluation = EvaluationArtifact(
            model: .sample,
            subject: ArtifactReference(
                kind: .circuit, digest: String(repeating: "01", count: 32), path: "c.h5"),
            truth: ArtifactReference(
                kind: .circuit, digest: String(repeating: "02", count: 32), path: "-"),
            metric: "logit-diff",
            figures: [
                Figure(name: "cpr", value: 0.9, lower: 0.8, upper: 1),
                Figure(name: "cmd", value: 0.1, lower: 0.05, upper: 0.2),
            ],
            curves: [
                Curve(
                    name: "faithfulness", xLabel: "share of edges", yLabel: "f", x: [0, 0.5, 1],
                    y: [0, 0.75, 1], lower: [0, 0.5, 1], upper: [0, 0.875, 1],
                    edgeCounts: [0, 8, 16]),
                Curve(name: "roc", xLabel: "fpr", yLabel: "tpr", x: [0, 1], y: [0, 1]),
            ], bootstrap: Bootstrap(samples: 1000, confidence: 0.95, seed: 3), graph: graph,
            edgeColumns: ["minimality": (0..<graph.edgeCount).map { Double($0) }],
            pairColumns: ["full": [1, 2], "circuit": [0.5, 1.5]],
            datasetDigest: String(repeating: "cd", count: 32))
        evaluation.subjectDatasetDigest = String(repeating: "cf", count: 32)
        let file = ArtifactReference(
            kind: .circuit, digest: String(repeating: "01", count: 32), path: "c.h5")
        evaluation.circuits = [
            Circuit(
                file: file, run: 1, method: "acdc", threshold: 0.5, order: "cli", level: "edge",
                edgeCount: 3,
                nodeCount: 2, datasetDigest: String(repeating: "cd", count: 32),
                metric: Estimate(value: 1, lower: 0.5, upper: 1.5),
                faithfulness: Estimate(value: 0.5, lower: 0.25, upper: 0.75), values: [0.5, 1.5],
                isOnFront: true),
            Circuit(
                file: file, share: 0.01, method: "eap", level: "edge", edgeCount: 16, nodeCount: 5,
                metric: Estimate(value: 2, lower: 1, upper: 3),
                faithfulness: Estimate(value: 1, lower: 0.5, upper: 1.25), values: [1, 3]),
        ]
        evaluation.sharedEdges = DenseArray(shape: [2, 2], values: [3, 2, 2, 16])
        return evaluation
    }
}

extension CircuitDiffArtifact {
    /// Two circuits that share one edge.
    package static let sample = CircuitDiffArtifact(
        first: Side(
            circuit: ArtifactReference(
                kind: .circuit, digest: String(repeating: "01", count: 32), path: "a.h5"),
            model: .sample, threshold: 0.02, edgeCount: 2, nodeCount: 3,
            unalignedNodes: ["a5.h0"]),
        second: Side(
            circuit: ArtifactReference(
                kind: .circuit, digest: String(repeating: "02", count: 32), path: "b.h5"),
            model: nil, edgeCount: 1, nodeCount: 2),
        alignment: "name",
        edges: [
            Entry(
                name: "input->m0", inFirst: true, inSecond: true, firstScore: 0.5, secondScore: 1),
            Entry(
                name: "m0->logits", inFirst: true, inSecond: false, firstScore: 0.5,
                secondScore: 0),
        ],
        nodes: [
            Entry(name: "input", inFirst: true, inSecond: true, firstScore: 0, secondScore: 0)
        ], edgeJaccard: 0.5, nodeJaccard: 1,
        summaries: [Summary(group: "layer 0", onlyFirst: 1, onlySecond: 0, both: 1)],
        headMatches: HeadMatches(
            least: 0.7, meanSimilarity: 0.5, first: ["a1.h0"], second: ["a0.h1"],
            similarity: [0.75], gap: [0.125], partNames: ["reads", "depth"],
            parts: DenseArray(shape: [1, 2], values: [1, 0.5625]),
            firstRoles: ["writes logits 100%"], secondRoles: ["writes logits 90%"]))
}

extension SteeringVectorArtifact {
    /// First components of two layers at two positions.
    package static let sample = SteeringVectorArtifact(
        model: .sample, modelHint: "llama", method: "first-component", site: "hook_resid_post",
        layers: [1, 3], positions: ["0", "end"],
        vectors: DenseArray(
            shape: [2, 2, 3], values: [1, 0, 0, 0, 0.5, 0.5, -1, 0, 2, 0.25, 0.25, 0]),
        explained: DenseArray(shape: [2, 2], values: [0.5, 0.75, 1, 0.25]),
        pairsUsed: DenseArray(shape: [2, 2], values: [3, 2, 3, 2]), pairCount: 3,
        datasetDigest: String(repeating: "cd", count: 32))
}

extension Provenance {
    /// The chain of a dataset.
    package static func sample() throws -> Provenance {
        try .appending(
            ProvenanceStep(
                tool: "circuit-pairs", version: "0.1.0", arguments: ["ioi", "-n", "3"],
                inputs: [
                    ProvenanceStep.Input(
                        name: "model", kind: "model", path: "/models/tiny",
                        digest: ModelReference.sample.digest)
                ], seed: 7, time: "2026-01-01T00:00:00Z"))
    }
}
