/// The edges into one receiver that are in a circuit; by position or not.
package struct InputEdges: Sendable {
    /// The number of positions that are apart; 1 where they aren't.
    private let positionCount: Int
    private let isByPosition: Bool
    /// `[sender][position]`
    private(set) var isPresent: [Bool]

    /// - Parameter isPresent: `[sender][position]`, or `[sender]` where there is no number of positions.
    package init(_ isPresent: [Bool], positionCount: Int?) {
        self.isPresent = isPresent
        self.positionCount = positionCount ?? 1
        isByPosition = positionCount != nil
    }

    /// How many there are, each position's counted by itself.
    var count: Int { isPresent.count { $0 } }

    /// The senders of any of them, ascending.
    var senders: [Int] {
        (0..<isPresent.count / positionCount).filter { sender in
            isPresent[sender * positionCount..<(sender + 1) * positionCount].contains(true)
        }
    }

    /// The senders of those at a position, ascending.
    func senders(at position: Int) -> [Int] {
        (0..<isPresent.count / positionCount).filter { isPresent[$0 * positionCount + position] }
    }

    /// Whether edges that are cut together are there.
    package func contains(_ cut: EdgeCut) -> Bool {
        isPresent[cut.senders.lowerBound * positionCount + (cut.position ?? 0)]
    }

    /// Cuts edges, or puts them back.
    mutating func set(_ cut: EdgeCut, _ isIn: Bool) {
        for sender in cut.senders { isPresent[sender * positionCount + (cut.position ?? 0)] = isIn }
    }

    /// Cuts all edges at a position.
    mutating func cutAll(at position: Int) {
        for index in stride(from: position, to: isPresent.count, by: positionCount) {
            isPresent[index] = false
        }
    }

    /// The rows at which a sender's edge is there; nil for none.
    func rows(of sender: Int) -> RowChoice? { rows(of: sender, present: true) }

    /// The rows at which a sender's edge isn't there; nil for none.
    func rowsWithout(_ sender: Int) -> RowChoice? { rows(of: sender, present: false) }

    private func rows(of sender: Int, present: Bool) -> RowChoice? {
        let first = sender * positionCount
        let matching = isPresent[first..<first + positionCount].count { $0 == present }
        if matching == positionCount { return .all }
        return matching == 0 ? nil : .flagged(isPresent, offset: first, wanted: present)
    }

    /// At which rows no edge from any of some senders is there: all where positions aren't apart.
    func rowsWithoutAny(of senders: [Int]) -> RowChoice? {
        let without = (0..<positionCount).map { position in
            !senders.contains { isPresent[$0 * positionCount + position] }
        }
        if !without.contains(false) { return .all }
        return without.contains(true) ? .flagged(without, offset: 0, wanted: true) : nil
    }
}
