/// What one attention head carries of an edge of an attribution graph, or what goes past all heads.
///
/// With attention patterns held constant an edge is a sum over paths through the residual stream and
/// through heads. Each path belongs to the last head on it, the one nearest to the target; so an edge is
/// the sum of its loadings.
package struct HeadLoading: Hashable, Sendable {
    /// A head of a layer.
    package struct Head: Hashable, Sendable {
        /// The layer.
        package var layer: Int32
        /// The head's number in it.
        package var index: Int32

        /// A head of a layer.
        package init(layer: Int32, index: Int32) {
            self.layer = layer
            self.index = index
        }

        /// `a3.h7`
        package var name: String {
            Node.head(layer: Int(layer), head: Int(index)).name
        }
    }

    /// The edge, by its place among the effects.
    package var edge: Int
    /// The head; nil for the paths that go through none.
    package var head: Head?
    /// The part of the edge by paths on which this head is the last.
    package var weight: Float
    /// The part of the edge by all paths through this head: what the edge would lack without it.
    package var through: Float

    /// A head's part of an edge.
    package init(edge: Int, head: Head?, weight: Float, through: Float) {
        self.edge = edge
        self.head = head
        self.weight = weight
        self.through = through
    }
}
