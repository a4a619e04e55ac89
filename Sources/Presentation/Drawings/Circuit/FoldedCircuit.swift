import Graphs

/// A circuit with its nodes merged into the boxes of a drawing, and its edges into arrows.
struct FoldedCircuit: Hashable, Sendable {
    /// A box, or a part of one: what arrows leave and reach.
    struct Unit: Hashable, Sendable {
        /// Its name: that of the node, or `a3` for the attention of a layer, or the role.
        var name: String
        /// Of a unit that stands for one node, or for the attention of a layer.
        var address: NodeAddress?
        /// The role by which it is coloured.
        var role: String?
        /// The nodes that it stands for, in the order of computation.
        var members: [NodeAddress] = []
        /// The inputs that arrows lead to separately: `q`, `k`, `v`.
        var slots: Set<Character> = []
        /// Whether it stands for the nodes of a role, or for those without one.
        var isGroup = false
    }

    /// An arrow, which stands for one edge or several.
    struct Arrow: Hashable, Sendable {
        var from: String
        var to: String
        var slot: Character?
        /// The sum of the scores; NaN if none is known.
        var score: Float
        /// The paths from input to logits that go over its edges.
        var pathCount: Double
        /// The number of edges that it stands for.
        var count: Int
    }

    /// How nodes are merged.
    enum Folding: Hashable, Sendable {
        /// A unit for each node, with separate arrows to q, k and v.
        case inputs
        /// A unit for each node.
        case nodes
        /// A unit for each node that has a role; the MLPs without one as one unit, and the heads.
        case othersOfNoRole
        /// A unit for each role, and as above for nodes without one.
        case roles
        /// Two units for each layer: attention and MLP.
        case layers
    }

    /// How nodes were merged.
    let folding: Folding
    /// The units by name.
    private(set) var units: [String: Unit] = [:]
    /// The arrows, in the graph's order of the first edge of each.
    private(set) var arrows: [Arrow] = []
    /// The edges that are drawn by no arrow, because both ends are in one unit.
    private(set) var insideCount = 0

    init(_ circuit: DrawnCircuit, _ folding: Folding) {
        self.folding = folding
        var numbers: [Ends: Int] = [:]
        for edge in circuit.edges {
            let senders = unitsOf(edge.sender, edge.senderAddress, in: circuit)
            let receivers = unitsOf(edge.receiver, edge.receiverAddress, in: circuit)
            var isDrawn = false
            for from in senders {
                for to in receivers where from.name != to.name {
                    isDrawn = true
                    for unit in [from, to] { add(unit) }
                    let slot = folding == .inputs ? edge.receiverAddress?.slot : nil
                    if let slot { units[to.name]?.slots.insert(slot) }
                    let ends = Ends(from: from.name, to: to.name, slot: slot)
                    if let number = numbers[ends] {
                        arrows[number].add(edge)
                    } else {
                        numbers[ends] = arrows.count
                        arrows.append(
                            Arrow(
                                from: from.name, to: to.name, slot: slot, score: edge.score,
                                pathCount: edge.pathCount, count: 1))
                    }
                }
            }
            if !isDrawn { insideCount += 1 }
        }
        for name in units.keys {
            units[name]?.members.sort {
                ($0.layer ?? -1, $0.head ?? 0) < ($1.layer ?? -1, $1.head ?? 0)
            }
        }
    }

    private struct Ends: Hashable {
        var from: String
        var to: String
        var slot: Character?
    }

    private mutating func add(_ unit: Unit) {
        guard var known = units[unit.name] else {
            units[unit.name] = unit
            return
        }
        known.members += unit.members.filter { !known.members.contains($0) }
        units[unit.name] = known
    }

    /// Whether its units are nodes at single positions.
    var hasPositions: Bool { units.values.contains { $0.address?.position != nil } }

    /// Keeps only some arrows, and the units that they join.
    mutating func keep(_ chosen: [Int]) {
        arrows = chosen.sorted().map { arrows[$0] }
        let joined = Set(arrows.flatMap { [$0.from, $0.to] })
        units = units.filter { joined.contains($0.key) }
        for name in units.keys {
            units[name]?.slots = Set(arrows.filter { $0.to == name }.compactMap(\.slot))
        }
    }

    /// The query heads among the units that read a key-value head at its position, which leads into them
    /// without an arrow.
    func readers(of unit: Unit, headsPerGroup: Int) -> [Unit] {
        guard let address = unit.address, address.role == .keyValueHead,
            let heads = heads(reading: address, headsPerGroup)
        else { return [] }
        return heads.compactMap { head in
            var reader = NodeAddress(.attention, layer: address.layer, head: head)
            reader.position = address.position
            return units[reader.name]
        }
    }

    /// The query heads among the units that read a unit's key or value from later positions.
    func laterReaders(of unit: Unit, headsPerGroup: Int) -> [Unit] {
        guard let address = unit.address, let position = address.position,
            unit.slots.isEmpty || !unit.slots.isDisjoint(with: ["k", "v"]),
            let heads = heads(reading: address, headsPerGroup)
        else { return [] }
        let senders = Set(arrows.map(\.from))
        return units.values.filter { reader in
            guard let other = reader.address, other.role == .attention,
                senders.contains(reader.name), other.layer == address.layer,
                let query = other.position
            else { return false }
            return heads.contains(other.head ?? -1) && query > position
        }.sorted { $0.name < $1.name }
    }

    /// The query heads that read the keys and values of a head.
    private func heads(reading address: NodeAddress, _ headsPerGroup: Int) -> Range<Int>? {
        guard let head = address.head, (0..<1 << 20).contains(head) else { return nil }
        switch address.role {
        case .keyValueHead: return head * headsPerGroup..<(head + 1) * headsPerGroup
        case .attention: return head..<head + 1
        default: return nil
        }
    }
}

extension FoldedCircuit {
    /// The units that a sender or receiver belongs to: one, but for the shared keys or values of heads
    /// of several roles.
    private func unitsOf(
        _ name: String, _ address: NodeAddress?, in circuit: DrawnCircuit
    ) -> [Unit] {
        let node = Self.nodeName(name, address)
        var nodeAddress = address
        nodeAddress?.slot = nil
        let role = circuit.role(of: node, nodeAddress)
        let isEnd = address == nil || address?.role == .input || address?.role == .logits
        switch folding {
        case .inputs, .nodes:
            return [Unit(name: node, address: nodeAddress, role: role)]
        case .layers:
            guard let nodeAddress, let layer = nodeAddress.layer else {
                return [Unit(name: node, address: nodeAddress, role: role)]
            }
            let block = NodeAddress(nodeAddress.role == .mlp ? .mlp : .attention, layer: layer)
            return [Unit(name: block.name, address: block, members: [nodeAddress])]
        case .othersOfNoRole, .roles:
            if isEnd { return [Unit(name: node, address: nodeAddress, role: role)] }
            let readers = Self.queryHeads(of: nodeAddress, headsPerGroup: circuit.headsPerGroup)
            if readers.isEmpty { return [group(node, nodeAddress, role: role)] }
            let found = readers.compactMap { reader in
                circuit.role(of: reader.name, reader).map { group(reader.name, reader, role: $0) }
            }
            return found.isEmpty ? [group(node, nodeAddress, role: nil)] : found
        }
    }

    /// The unit of a node that is no end of the model.
    private func group(_ name: String, _ address: NodeAddress?, role: String?) -> Unit {
        let members = address.map { [$0] } ?? []
        if let role, folding == .roles {
            return Unit(name: "role " + role, role: role, members: members, isGroup: true)
        }
        if role != nil { return Unit(name: name, address: address, role: role) }
        let kind = address?.role == .mlp ? "MLPs" : "heads"
        return Unit(name: "other " + kind, members: members, isGroup: true)
    }

    /// The heads that read a key-value head; none for another node.
    private static func queryHeads(
        of address: NodeAddress?, headsPerGroup: Int
    ) -> [NodeAddress] {
        guard let address, address.role == .keyValueHead, let group = address.head,
            (0..<1 << 20).contains(group)
        else { return [] }
        return (group * headsPerGroup..<(group + 1) * headsPerGroup).map { head in
            var reader = NodeAddress(.attention, layer: address.layer, head: head)
            reader.position = address.position
            return reader
        }
    }

    /// The node that a receiver is an input of: `a3.h7@12` for `a3.h7<q>@12`.
    private static func nodeName(_ name: String, _ address: NodeAddress?) -> String {
        guard let slot = address?.slot, let range = name.firstRange(of: "<\(slot)>") else {
            return name
        }
        return String(name[..<range.lowerBound] + name[range.upperBound...])
    }
}

extension FoldedCircuit.Arrow {
    fileprivate mutating func add(_ edge: DrawnCircuit.Edge) {
        count += 1
        pathCount += edge.pathCount
        if !edge.score.isNaN { score = score.isNaN ? edge.score : score + edge.score }
    }

    /// What arrows are ranked by where all can't be drawn: the size of the effect, or, where nothing
    /// has a score, the number of paths.
    func strength(isScored: Bool) -> Double {
        isScored ? (score.isNaN ? 0 : Double(abs(score))) : pathCount
    }
}
