/// The part of a circuit or of attribution scores that is shown.
package struct ReportSelection: Hashable, Sendable {
    /// Only edges whose name contains this; empty for all.
    package var edge: String
    /// Whether to show the decision log.
    package var decisions: Bool

    /// Selects all edges, without the decision log, unless told otherwise.
    package init(edge: String = "", decisions: Bool = false) {
        self.edge = edge
        self.decisions = decisions
    }

    /// Whether an edge of this name is selected.
    func selects(_ name: String) -> Bool { edge.isEmpty || name.contains(edge) }
}
