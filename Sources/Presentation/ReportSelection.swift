/// The part of a circuit or of attribution scores that is shown.
package struct ReportSelection: Sendable {
    /// Only edges whose name contains this; empty for all.
    package var edge: String
    /// Whether to show the decision log.
    package var decisions: Bool

    /// Whether patching effects are shown as shares of the difference between clean and corrupted.
    package var isNormalized: Bool

    /// Which prompt of an attribution graph is shown; nil for all.
    package var prompt: Int?

    /// What is looked at of that prompt besides; nil for nothing.
    package var view: FeatureGraphView?

    /// Selects all edges and prompts, without the decision log, unless told otherwise.
    package init(
        edge: String = "", decisions: Bool = false, isNormalized: Bool = false, prompt: Int? = nil
    ) {
        self.edge = edge
        self.decisions = decisions
        self.isNormalized = isNormalized
        self.prompt = prompt
    }

    /// Whether an edge of this name is selected.
    func selects(_ name: String) -> Bool { edge.isEmpty || name.contains(edge) }
}
