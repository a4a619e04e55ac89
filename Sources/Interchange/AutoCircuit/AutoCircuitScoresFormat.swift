import Artifacts
import Basics
import Graphs

/// AutoCircuit's prune scores (`PruneScores`), saved by `torch.save`: for each module that edges lead
/// into a tensor of heads by senders.
struct AutoCircuitScoresFormat: InterchangeFormat {
    let name = "auto-circuit-pt"
    let origin = "AutoCircuit: pruned edges' scores (`PruneScores`), by `torch.save`"
    let extensions = ["pt"]
    let recognition =
        "a file of `torch.save` with tensors by module, such as `blocks.0.hook_q_input`"
    let reads: [ArtifactKind] = [.edgeScores]
    let writes: [ArtifactKind] = [.edgeScores, .circuit]
    let cannotHold =
        "the graph, model and dataset (reading takes them from `--like`), which edges are in a circuit "
        + "(of one, 1 stands for those in it and 0 for others), scores by position, of nodes, of neurons "
        + "and per pair, method, metric, decisions, runs and roles"
    let isBinary = true

    func recognizes(_ file: ForeignFile) -> Bool {
        guard file.isZip, let root = try? TorchFile(path: file.path, name: file.name).root else {
            return false
        }
        return root["blocks.0.hook_q_input"] != nil || root["blocks.0.hook_attn_in"] != nil
    }

    /// The module whose tensor has the edges into a receiver, and the row of the receiver in it.
    private static func place(
        of receiver: Receiver, in graph: ComputationalGraph
    ) -> (module: String, row: Int, rows: Int) {
        switch receiver {
        case .head(let layer, let head, let input):
            ("blocks.\(layer).hook_\(input.rawValue)_input", head, graph.nHeads)
        case .group(let layer, let group, let input):
            ("blocks.\(layer).hook_\(input.rawValue)_input", group, graph.nKeyValueHeads)
        case .mlp(let layer): ("blocks.\(layer).hook_mlp_in", 0, 1)
        case .logits: ("blocks.\(graph.nLayers - 1).hook_resid_post", 0, 1)
        }
    }

    func read(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws {
        let like = try job.requireLike(file, for: "what model, graph and dataset its scores are of")
        guard let table = like.graph, let model = like.model, let dataset = like.datasetDigest
        else {
            throw Failure(
                .usage,
                "\(like.name): a graph, a model and a dataset are needed: name edge scores of "
                    + "circuit-score, or a circuit of ACDC, with --like")
        }
        let graph = try ComputationalGraph(table)
        let torch = try TorchFile(path: file.path, name: file.name)
        var scores = [Float](repeating: .nan, count: graph.edgeCount)
        var tensors: [String: (shape: [Int], values: [Float])] = [:]
        for (index, receiver) in graph.receivers.enumerated() {
            let (module, row, rows) = Self.place(of: receiver, in: graph)
            let width = graph.senderCount(of: index)
            if tensors[module] == nil {
                guard let value = torch.root[module], let tensor = try torch.tensor(value) else {
                    throw Failure(
                        .badData,
                        "\(file.name): it has no tensor `\(module)`, of the graph of \(like.name)")
                }
                // A module with one head has no axis of heads.
                guard tensor.shape == [rows, width] || (rows == 1 && tensor.shape == [width]) else {
                    throw Failure(
                        .badData,
                        "\(file.name): `\(module)` has the shape \(tensor.shape), and of the graph of "
                            + "\(like.name) it is \(rows == 1 ? [width] : [rows, width]); scores by "
                            + "position aren't read")
                }
                tensors[module] = (tensor.shape, tensor.floats())
            }
            let values = tensors[module]?.values[row * width..<(row + 1) * width] ?? []
            scores.replaceSubrange(graph.edges(into: index), with: values)
        }
        if let bad = scores.first(where: \.isInfinite) {
            throw Failure(.badData, "\(file.name): a score is \(bad)")
        }
        let foreign = (torch.root.items ?? []).compactMap(\.key.text).filter { tensors[$0] == nil }
        if let first = foreign.sorted().first {
            throw Failure(
                .badData, "\(file.name): `\(first.prefix(80))` isn't in the graph of \(like.name)")
        }
        try job.store(
            EdgeScoresArtifact(
                model: model, graph: table, scores: scores, method: "imported", metric: "",
                datasetDigest: dataset),
            of: file)
    }

    func write(_ artifact: ArtifactFile, by job: WritingJob) throws {
        let (table, scores): (GraphTable, [Float])
        if artifact.header.kind == .circuit {
            let circuit = try artifact.circuitOfEdges(by: job)
            (table, scores) = (circuit.graph, circuit.inCircuit.map { $0 ? 1 : 0 })
        } else {
            let content = try artifact.read(EdgeScoresArtifact.self).content
            (table, scores) = (content.graph, content.scores)
            var parts = content.partsBesideEdges
            if content.nodeScores != nil { parts.append("scores of nodes") }
            job.leaveOut(parts)
        }
        let graph: ComputationalGraph
        do {
            graph = try ComputationalGraph(table)
        } catch {
            throw Failure(error.kind, "\(artifact.name): \(error.description)")
        }
        var modules: [(name: String, rows: Int, values: [Float])] = []
        for index in graph.receivers.indices {
            let (module, _, rows) = Self.place(of: graph.receivers[index], in: graph)
            if modules.last?.name != module { modules.append((module, rows, [])) }
            modules[modules.count - 1].values += scores[graph.edges(into: index)]
        }
        try TorchWriter.write(
            .dictionary(
                modules.map { module in
                    let width = module.values.count / module.rows
                    let shape = module.rows == 1 ? [width] : [module.rows, width]
                    return (module.name, .floats(module.values, shape: shape))
                }), to: FileSink(job.path))
    }
}
