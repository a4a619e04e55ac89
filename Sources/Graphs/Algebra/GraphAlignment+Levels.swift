import Artifacts

extension GraphAlignment {
    /// The alignment of graphs of one model at different levels, or of which one has positions apart: by
    /// the names at the coarser level, with positions where both have them. Nil where these aren't the
    /// same names.
    static func byCoarserLevel(_ first: GraphTable, _ second: GraphTable) -> GraphAlignment? {
        let levels = (GraphLevel(ofReceiversIn: first), GraphLevel(ofReceiversIn: second))
        let order: [GraphLevel] = [.layer, .head, .edge]
        guard first.level != second.level || first.isByPosition != second.isByPosition,
            let level = order.first(where: { $0 == levels.0 || $0 == levels.1 })
        else { return nil }
        let keepsPositions = first.isByPosition && second.isByPosition
        func names(_ graph: GraphTable) -> Names {
            func name(_ part: String) -> String? {
                level.name(of: part, keepingPosition: keepsPositions)
            }
            return Names(nodes: graph.nodes.map(name), receivers: graph.receivers.map(name))
        }
        let (mine, theirs) = (names(first), names(second))
        guard Set(mine.nodes) == Set(theirs.nodes), Set(mine.receivers) == Set(theirs.receivers)
        else { return nil }
        return GraphAlignment(
            method: .name,
            statement: [
                "The graphs are of one shape at different levels (\(shape(of: first)) against "
                    + "\(shape(of: second))): aligned by name at the level \(level.rawValue)"
                    + (keepsPositions ? ", position by position." : "."),
                "An edge is in a circuit if any that it is made of is, and its score is the sum of "
                    + "theirs.",
            ],
            first: mine, second: theirs)
    }
}
