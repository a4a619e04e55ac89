/// The positions of a prompt, and of what is generated after it, at which a steering vector is added.
package enum SteeringPositions: Hashable, Sendable {
    /// The vector's own positions at the prompt's 0, 1, ... (ActAdd).
    case front
    /// From the first up to, not including, the second; negative ones count from the prompt's end, and
    /// without an end it goes on in what is generated.
    case range(first: Int, end: Int?)

    /// Every position, of what is generated too (repeng, llama.cpp).
    package static let all = SteeringPositions.range(first: 0, end: nil)
    /// From the prompt's last position on (CAA).
    package static let fromEnd = SteeringPositions.range(first: -1, end: nil)

    /// The positions of this name: of a convention (`actadd`, `caa`, `repeng`), `front`, `all`, a
    /// position `3`, or a range such as `-1:` or `2:5`; nil if it is none.
    package init?(_ name: String) {
        switch name {
        case "front", "actadd": self = .front
        case "caa": self = .fromEnd
        case "all", "repeng": self = .all
        default:
            let ends = name.split(separator: ":", omittingEmptySubsequences: false)
            guard let first = ends[0].isEmpty ? 0 : Int(ends[0]), first < .max else { return nil }
            switch ends.count {
            case 1 where !ends[0].isEmpty:
                self = .range(first: first, end: first == -1 ? nil : first + 1)
            case 2 where ends[1].isEmpty: self = .range(first: first, end: nil)
            case 2:
                guard let end = Int(ends[1]) else { return nil }
                self = .range(first: first, end: end)
            default: return nil
            }
        }
    }

    /// How it is written.
    package var name: String {
        switch self {
        case .front: "front"
        case .all: "all"
        case .range(let first, let end): "\(first):\(end.map(String.init) ?? "")"
        }
    }

    /// The positions for a prompt of `length` tokens; the upper bound is `Int.max` where it goes on in
    /// what is generated.
    /// - Parameter count: how many positions the vector has.
    func positions(length: Int, count: Int) -> Range<Int> {
        func place(_ index: Int) -> Int { max(0, index < 0 ? length + index : index) }
        switch self {
        case .front: return 0..<min(count, length)
        case .range(let first, let end):
            let start = place(first)
            return start..<max(start, end.map { min(length, place($0)) } ?? .max)
        }
    }
}
