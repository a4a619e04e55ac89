package import Artifacts
import Basics
import Graphs

/// What is looked at of one prompt's attribution graph besides the graph itself: supernodes, and a chosen
/// part whose scores are asked for.
package struct FeatureGraphView: Sendable {
    /// The scores of a chosen part.
    struct Subgraph: Hashable, Sendable {
        /// How many of its nodes are features.
        var featureCount: Int
        /// With all other features counted as errors.
        var scores: FeatureGraphScores
        /// The same on the kept part alone.
        var keptScores: FeatureGraphScores
    }

    /// The prompt.
    let graph: PromptGraph
    /// The graph between supernodes; nil where none were given.
    let supernodes: SupernodeGraph?
    /// The part whose scores are asked for; nil where none is. Without a choice of its own it is all
    /// supernodes.
    let subgraph: Subgraph?

    /// A view of the one prompt that is meant.
    /// - Parameters:
    ///   - supernodes: groups of nodes.
    ///   - subgraph: names or patterns of the nodes whose scores are asked for.
    /// - Throws: ``Artifacts/ArtifactError`` where the file isn't valid; ``Failure``: bad data or usage for
    ///   names that no node has, usage where there are several prompts and none is named.
    package init(
        _ file: ArtifactFile, prompt: Int?, supernodes: SupernodeFile?, subgraph: [String]?
    ) throws {
        let (artifact, chosen) = try file.attributionGraphs(prompt: prompt)
        let content = artifact.content
        guard let prompt = chosen ?? (content.prompts.count == 1 ? 0 : nil) else {
            throw Failure(
                .usage,
                "\(file.name) holds \(content.prompts.count) prompts, and nodes are chosen of one: "
                    + "name it by --prompt, or as \(file.name)#0")
        }
        graph = PromptGraph(name: file.name, content, prompt: prompt)
        let groups = try supernodes?.supernodes(of: graph)
        self.supernodes = groups.map { [graph] in SupernodeGraph(graph, $0) }
        let chosenNodes = try subgraph.map { [graph] in try graph.nodes(named: $0) }
        self.subgraph = try (chosenNodes ?? groups?.flatMap(\.members)).map { [graph] in
            try Subgraph(Set($0), of: graph)
        }
    }
}

extension FeatureGraphView.Subgraph {
    fileprivate init(_ members: Set<Int>, of graph: PromptGraph) throws {
        let (artifact, first) = (graph.artifact, graph.nodes.lowerBound)
        let whole = try FeatureGraph(graph)
        let pruning = FeatureGraphPruning(
            nodeKept: Array(artifact.nodes.kept[graph.nodes]),
            edgeKept: Array(artifact.edges.kept[graph.edges]),
            influence: Array(artifact.nodes.influences[graph.nodes]),
            cumulative: Array(artifact.nodes.cumulative[graph.nodes]))
        featureCount = members.count { artifact.nodes.features[$0] >= 0 }
        scores = whole.scores(ofSubgraph: { members.contains(first + $0) })
        keptScores = whole.scores(
            ofSubgraph: { members.contains(first + $0) }, pruning: pruning)
    }
}

extension FeatureGraphView {
    /// Adds what was chosen to the JSON of the prompt's graph.
    func add(to json: inout JSONObject) {
        if let subgraph {
            var part = JSONObject()
            part.set("features", subgraph.featureCount)
            part.set("scores", subgraph.scores.json)
            part.set("kept_scores", subgraph.keptScores.json)
            json.set("subgraph", part)
        }
        guard let supernodes else { return }
        let names = graph.artifact.nodes.names
        json.set(
            "supernodes",
            supernodes.nodes.map { node in
                var json = JSONObject()
                json.set("name", node.name)
                json.set("is_group", node.isGroup)
                json.set("nodes", node.members.map { names[$0] })
                json.set("influence", node.influence.finite)
                return json
            })
        json.set(
            "supernode_edges",
            supernodes.edges.map { edge in
                var json = JSONObject()
                json.set("source", supernodes.nodes[edge.source].name)
                json.set("target", supernodes.nodes[edge.target].name)
                json.set("weight", edge.weight)
                json.set("edges", edge.count)
                return json
            })
    }

    /// Adds the scores of the chosen part to the summary.
    func addSummary(to report: inout Report) {
        guard let subgraph else { return }
        func line(_ scores: FeatureGraphScores) -> String {
            "replacement \(Figures.short(scores.replacement)), completeness "
                + Figures.short(scores.completeness)
        }
        report.add(
            "subgraph",
            lines: [
                "\(Figures.count(subgraph.featureCount)) features, all others counted as errors: "
                    + line(subgraph.scores),
                "in the kept part alone: " + line(subgraph.keptScores),
            ])
    }

    /// Adds tables of the supernodes and of the edges between them.
    func addTables(to report: inout Report) {
        guard let supernodes else { return }
        let artifact = graph.artifact
        report.add(
            ReportTable(
                title: "supernodes",
                columns: ["supernode", ">nodes", ">kept", ">influence", "nodes"],
                rows: supernodes.nodes.filter(\.isGroup).map { node in
                    [
                        node.name, "\(node.members.count)",
                        "\(node.members.count { artifact.nodes.kept[$0] })",
                        Figures.short(node.influence),
                        node.members.map { artifact.nodes.names[$0] }.joined(separator: " "),
                    ]
                }, isWhole: true))
        report.add(
            ReportTable(
                title: "edges between supernodes, strongest first",
                columns: ["edge", ">weight", ">edges"],
                rows: supernodes.edges.sorted { abs($0.weight) > abs($1.weight) }.map { edge in
                    [
                        supernodes.nodes[edge.source].name + " -> "
                            + supernodes.nodes[edge.target].name,
                        Figures.signed(Double(edge.weight)), "\(edge.count)",
                    ]
                }))
    }
}

extension FeatureGraphScores {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        json.set("replacement", replacement.finite)
        json.set("completeness", completeness.finite)
        return json
    }
}
