package import Artifacts
package import Basics

/// The attribution graph of one prompt, among those of a file.
package struct PromptGraph: Sendable {
    /// What a user calls it: `graph.h5`, `pair.h5#1`.
    package let name: String
    /// The graphs of the file.
    package let artifact: AttributionGraphArtifact
    /// Which of them it is, counted from 0.
    package let prompt: Int
    /// Its nodes.
    package let nodes: Range<Int>
    /// Its edges.
    package let edges: Range<Int>

    /// The graph of a prompt that is there.
    package init(name: String, _ artifact: AttributionGraphArtifact, prompt: Int) {
        self.name = name
        self.artifact = artifact
        self.prompt = prompt
        nodes = artifact.nodes(ofPrompt: prompt)
        edges = artifact.edges(ofPrompt: prompt)
    }

    /// Its tokens' ids.
    package var tokens: ArraySlice<Int32> {
        artifact.tokens[artifact.tokens(ofPrompt: prompt)]
    }

    /// The nodes of this name, or of a pattern such as `m1.f17@*`, by their places in the artifact.
    /// - Throws: ``Failure`` (usage) for a pattern that no node fits.
    package func nodes(named patterns: [String]) throws(Failure) -> [Int] {
        let names = Array(artifact.nodes.names[nodes])
        return try NamePattern.matches(of: patterns, among: names) {
            "\(name): no node of the graph is named '\($0)'; they are named such as "
                + "\(names.first ?? "m0.f0@1"), input@0 and \(names.last ?? "logits.t0")"
        }.map { nodes.lowerBound + $0 }
    }
}

extension ArtifactFile {
    /// Reads attribution graphs, and says which prompt is meant: the one that the name says
    /// (`graph.h5#2`) or `prompt`; nil where neither does.
    ///
    /// - Throws: ``Artifacts/ArtifactError`` where the file isn't valid; ``Failure`` (usage) where there
    ///   is no such prompt, or the two say different ones.
    package func attributionGraphs(
        prompt: Int? = nil
    ) throws -> (graphs: Artifact<AttributionGraphArtifact>, prompt: Int?) {
        if let prompt, let run, prompt != run {
            throw Failure(.usage, "\(name): it names another prompt than \(prompt); name one")
        }
        let artifact = try readWhole(AttributionGraphArtifact.self)
        let chosen = prompt ?? run
        if let chosen, !artifact.content.prompts.indices.contains(chosen) {
            let count = artifact.content.prompts.count
            throw Failure(
                .usage,
                "\(name): there is no prompt \(chosen), only "
                    + (count == 1 ? "prompt 0" : "0 to \(count - 1)"))
        }
        return (artifact, chosen)
    }

    /// Reads the graph of every prompt, or of the one that the name says.
    /// - Throws: as ``attributionGraphs(prompt:)``.
    package func promptGraphs() throws -> [PromptGraph] {
        let (artifact, chosen) = try attributionGraphs()
        let content = artifact.content
        if let chosen { return [PromptGraph(name: name, content, prompt: chosen)] }
        return content.prompts.indices.map { prompt in
            PromptGraph(
                name: content.prompts.count == 1 ? name : "\(name)#\(prompt)", content,
                prompt: prompt)
        }
    }
}
