import Artifacts
import Basics
import Graphs

/// The JSON of attribution graphs that circuit-tracer's page and Neuronpedia show.
struct ViewerFormat: InterchangeFormat {
    let name = "viewer-json"
    let origin = "circuit-tracer and Neuronpedia: attribution graphs for their pages (schema 1.0.0)"
    let extensions = ["json"]
    let recognition = "keys `metadata`, `nodes`, `links`"
    let reads: [ArtifactKind] = [.attributionGraph]
    let writes: [ArtifactKind] = [.attributionGraph]
    let cannotHold =
        "nodes and edges that pruning removed, influence (only its cumulative share), replacement and "
        + "completeness, all prompts but one; model and transcoders by digest (reading takes them from "
        + "`--like`)"

    func recognizes(_ file: ForeignFile) -> Bool {
        let start = file.textStart
        guard start.hasPrefix("{") else { return false }
        if start.contains("\"metadata\""), start.contains("\"prompt_tokens\"") { return true }
        // The keys may stand in any order, and either list may be longer than what is looked at.
        let packed = start.filter { !$0.isWhitespace }
        return packed.contains("\"qParams\"") || packed.hasPrefix("{\"links\":[{\"source\"")
            || (packed.hasPrefix("{\"nodes\":[{") && packed.contains("\"ctx_idx\""))
    }

    func read(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws {
        let like = try job.requireLike(file, for: "which model and transcoders it is of, by digest")
        let graphs = try like.requireAttributionGraph()
        let content = try file.json(ViewerFile.self)
        do {
            try job.store(content.artifact(like: graphs), of: file)
        } catch let failure as Failure {
            throw Failure(failure.kind, "\(file.name): \(failure.description)")
        }
        job.remark(
            "influence, replacement and completeness aren't in the file, and are NaN: not measured")
    }

    func write(_ artifact: ArtifactFile, by job: WritingJob) throws {
        let (graphs, chosen) = try artifact.attributionGraphs(prompt: job.prompt)
        let content = graphs.content
        let others = content.prompts.count - 1
        let graph = PromptGraph(name: artifact.name, content, prompt: chosen ?? 0)
        let text = try ViewerGraph(graph).text()
        let nodes = graph.nodes.count { !content.nodes.kept[$0] }
        let edges = graph.edges.count { !content.edges.kept[$0] }
        job.leaveOut(
            (others > 0 ? ["\(others) other prompts (--prompt names one)"] : [])
                + (nodes + edges > 0
                    ? ["\(nodes) nodes and \(edges) edges that pruning removed"] : [])
                + ["influence, replacement and completeness"])
        try job.write(text + "\n")
    }
}
