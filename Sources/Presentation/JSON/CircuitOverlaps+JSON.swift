import Artifacts
package import Basics
package import Graphs

extension ArtifactJSON {
    /// The JSON of how much each two of several circuits have in common, on one line.
    ///
    /// - Throws: ``Failure`` as ``Basics/JSONText/line(_:)``.
    package static func text(_ overlaps: CircuitOverlaps) throws(Failure) -> String {
        var json = JSONObject()
        json.set("same", overlaps.areSame)
        json.set(
            "circuits",
            overlaps.names.indices.map { circuit in
                var json = JSONObject()
                json.set("name", overlaps.names[circuit])
                json.set("edge_count", overlaps.edgeCounts[circuit])
                json.set("node_count", overlaps.nodeCounts[circuit])
                return json
            })
        json.set(
            "shared_edges", overlaps.names.indices.map { Array(overlaps.sharedEdges[row: $0]) })
        json.set("edge_jaccard", overlaps.names.indices.map { Array(overlaps.jaccard[row: $0]) })
        json.set(
            "shared_nodes",
            overlaps.sharedNodes.map { shared in
                overlaps.names.indices.map { Array(shared[row: $0]) }
            })
        return try JSONText.line(json)
    }
}
