/// What a search cuts at a time: the edges from one sender of a receiver, or from several that follow
/// each other, such as the heads of a layer; at all positions, or at one.
package struct EdgeCut: Hashable, Sendable {
    /// The senders.
    package let senders: Range<Int>
    /// The position; nil for all.
    package let position: Int?

    /// The edges from `senders` at a position, or at all of them.
    package init(_ senders: Range<Int>, at position: Int? = nil) {
        self.senders = senders
        self.position = position
    }

    /// The edge from one sender.
    package init(_ sender: Int) { self.init(sender..<sender + 1) }

    /// The rows at which it cuts.
    var rows: RowChoice { position.map(RowChoice.at) ?? .all }
}

/// Some of the rows of each pair, by their positions.
package enum RowChoice: Sendable {
    /// All of them.
    case all
    /// The one at a position, of the pairs that are so long.
    case at(Int)
    /// Those of whose positions, counted from the offset, the flag is as wanted.
    case flagged([Bool], offset: Int, wanted: Bool)

    /// Whether the row at a position is one.
    package func contains(_ position: Int) -> Bool {
        switch self {
        case .all: true
        case .at(let own): position == own
        case .flagged(let flags, let offset, let wanted): flags[offset + position] == wanted
        }
    }
}
