extension [LoggedDecision] {
    /// Adds the columns of a decision log along the axis `dim`.
    func write(into group: inout ContentGroup, dim: String) {
        group.set("edge", map(\.edge), dim: dim)
        group.set("before", map(\.before), dim: dim)
        group.set("after", map(\.after), dim: dim)
        group.set("removed", map(\.removed), dim: dim)
    }

    /// Decodes the columns of a decision log.
    init(from group: ContentGroup) throws(ArtifactError) {
        let edges = try group.values("edge", as: Int32.self)
        let before = try group.values("before", as: Double.self)
        let after = try group.values("after", as: Double.self)
        let removed = try group.values("removed", as: Bool.self)
        self = edges.indices.map {
            LoggedDecision(
                edge: edges[$0], before: before[$0], after: after[$0], removed: removed[$0])
        }
    }
}
