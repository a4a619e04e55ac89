/// What a person chooses of the picture of an artifact; each kind uses what concerns it.
package struct PictureOptions: Hashable, Sendable {
    /// Of a circuit.
    package var circuit = CircuitDrawing.Options()
    /// Roles in place of those in the circuit; nil for those.
    package var roles: RoleFile?
    /// The attention pattern of a cache; nil for none.
    package var attention: AttentionChoice?
    /// Groups of an attribution graph's nodes, to draw the graph between them; nil for the graph itself.
    package var supernodes: SupernodeFile?
    /// Of a heat map.
    package var heatMap = HeatMap.Options()

    /// Options as they are where nothing is chosen.
    package init() {}

    /// Options of all pictures.
    ///
    /// - Parameters:
    ///   - title: The title in place of one that says what the artifact is; nil for that.
    ///   - hasCaption: Whether there is a caption: title, legend, and what was left out.
    package init(title: String?, hasCaption: Bool) {
        (circuit.title, circuit.hasCaption) = (title, hasCaption)
        (heatMap.title, heatMap.hasCaption) = (title, hasCaption)
    }
}
