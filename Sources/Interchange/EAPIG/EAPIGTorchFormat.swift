import Artifacts
import Basics
import Graphs

/// The graphs that EAP-IG's `Graph.to_pt` writes: matrices of senders by receivers.
struct EAPIGTorchFormat: InterchangeFormat {
    let name = "eap-ig-pt"
    let origin = "EAP-IG: circuits with scores (`Graph.to_pt`)"
    let extensions = ["pt"]
    let recognition = "a file of `torch.save` with keys `cfg`, `edges_scores`, `edges_in_graph`"
    let reads = EAPIGGraph.kinds
    let writes = EAPIGGraph.kinds
    let cannotHold = EAPIGGraph.cannotHold
    let isBinary = true

    func recognizes(_ file: ForeignFile) -> Bool {
        guard file.isZip, let root = try? TorchFile(path: file.path, name: file.name).root else {
            return false
        }
        return root["cfg"] != nil && root["edges_scores"] != nil
    }

    func read(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws {
        let torch = try TorchFile(path: file.path, name: file.name)
        func bad(_ what: String) -> Failure { Failure(.badData, "\(file.name): \(what)") }
        guard let cfg = torch.root["cfg"], let layers = cfg["n_layers"]?.integer,
            let heads = cfg["n_heads"]?.integer, let width = cfg["d_model"]?.integer
        else { throw bad("`cfg` has no `n_layers`, `n_heads` and `d_model`") }
        // The matrix has a place for every edge, and for pairs of nodes that no edge joins.
        var entryCount = 0
        if let value = torch.root["edges_scores"] {
            entryCount = try torch.tensor(value)?.count ?? 0
        }
        var graph: EAPIGGraph
        do {
            graph = try EAPIGGraph(
                EAPIGGraph.Configuration(
                    nLayers: layers, nHeads: heads,
                    parallelAttentionMLP: cfg["parallel_attn_mlp"]?.flag ?? false, dModel: width),
                entryCount: entryCount,
                keyValueHeads: job.keyValueHeads ?? job.like?.graph?.nKeyValueHeads)
        } catch {
            throw bad(error.description)
        }
        let (senders, receivers) = (graph.graph.senders.count, graph.graph.receivers.count)
        func matrix(_ key: String, _ shape: [Int], isRequired: Bool = true) throws -> TorchTensor? {
            guard let value = torch.root[key] else {
                if isRequired { throw bad("it has no `\(key)`") }
                return nil
            }
            guard let tensor = try torch.tensor(value) else {
                throw bad("`\(key)` is \(value.description), and a tensor is needed")
            }
            guard tensor.shape == shape else {
                throw bad("`\(key)` has the shape \(tensor.shape), and its graph's is \(shape)")
            }
            return tensor
        }
        try requireOrder(torch, graph.graph, file.name)
        let scores = try matrix("edges_scores", [senders, receivers])?.floats() ?? []
        let inCircuit = try matrix("edges_in_graph", [senders, receivers])?.flags() ?? []
        for receiver in 0..<receivers {
            for edge in graph.graph.edges(into: receiver) {
                let place = (edge - graph.graph.edgeStart[receiver]) * receivers + receiver
                graph.scores[edge] = scores[place]
                graph.inCircuit[edge] = inCircuit[place]
            }
        }
        if let bad = graph.scores.first(where: \.isInfinite) {
            throw Failure(.badData, "\(file.name): a score is \(bad)")
        }
        graph.senderInCircuit =
            try matrix("nodes_in_graph", [senders], isRequired: false)?.flags()
            ?? Array(GraphTopology(graph.graph.table).nodes(of: graph.inCircuit).prefix(senders))
        graph.senderScores = try matrix("nodes_scores", [senders], isRequired: false)?.floats()
        if torch.root["neurons_in_graph"] != nil || torch.root["neurons_scores"] != nil {
            job.remark(
                "`neurons_in_graph` and `neurons_scores`, which are dimensions of nodes' outputs, are "
                    + "left out: a circuit's neurons are those of heads and MLPs")
        }
        try graph.store(file, as: kind, by: job)
    }

    /// Refuses matrices whose rows or columns are in another order than the library's.
    private func requireOrder(
        _ torch: TorchFile, _ graph: ComputationalGraph, _ name: String
    ) throws(Failure) {
        for (key, names) in [
            ("src_nodes", graph.senders.map(\.name)), ("dst_nodes", graph.receivers.map(\.name)),
        ] {
            // Older files map senders to whether they are in the graph.
            let value = torch.root[key]
            guard let listed = value?.elements?.map(\.text) ?? value?.items?.map(\.key.text) else {
                continue
            }
            guard listed == names else {
                throw Failure(.badData, "\(name): `\(key)` aren't the nodes of its graph in order")
            }
        }
    }

    func write(_ artifact: ArtifactFile, by job: WritingJob) throws {
        let graph = try EAPIGGraph(artifact, by: job)
        let (senders, receivers) = (graph.graph.senders.count, graph.graph.receivers.count)
        var scores = [Float](repeating: 0, count: senders * receivers)
        var inCircuit = [Bool](repeating: false, count: senders * receivers)
        for receiver in 0..<receivers {
            for edge in graph.graph.edges(into: receiver) {
                let place = (edge - graph.graph.edgeStart[receiver]) * receivers + receiver
                scores[place] = graph.scores[edge]
                inCircuit[place] = graph.inCircuit[edge]
            }
        }
        let cfg = graph.configuration
        var entries: [(String, TorchValue)] = [
            (
                "cfg",
                .dictionary([
                    ("n_layers", .integer(cfg.nLayers)), ("n_heads", .integer(cfg.nHeads)),
                    ("parallel_attn_mlp", .bool(cfg.parallelAttentionMLP)),
                    ("d_model", .integer(cfg.dModel)),
                ])
            ), ("src_nodes", .list(graph.graph.senders.map { .text($0.name) })),
            ("dst_nodes", .list(graph.graph.receivers.map { .text($0.name) })),
            ("edges_scores", .floats(scores, shape: [senders, receivers])),
            ("edges_in_graph", .flags(inCircuit, shape: [senders, receivers])),
            ("nodes_in_graph", .flags(graph.senderInCircuit, shape: [senders])),
        ]
        if let nodes = graph.senderScores {
            entries.append(("nodes_scores", .floats(nodes, shape: [senders])))
        }
        try TorchWriter.write(.dictionary(entries), to: FileSink(job.path))
    }
}
