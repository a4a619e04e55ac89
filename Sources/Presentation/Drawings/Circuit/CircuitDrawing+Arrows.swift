import Basics
import Graphs

extension CircuitDrawing {
    /// The arrows, weakest first, so that the strongest are drawn on top. Between two boxes that arrows
    /// join in both directions there is one with two heads.
    func arrowLines(_ boxes: [BoxOfDrawing]) -> [String] {
        let ports = Dictionary(
            boxes.flatMap { box in box.ports.map { ($0.key, (box: box.name, port: $0.value)) } },
            uniquingKeysWith: { first, _ in first })
        let strongest =
            circuit.arrows.map { abs($0.score) }.filter(\.isFinite).max() ?? 0
        let drawn = bundledArrows().enumerated().sorted {
            ($0.element.strength(isScored: isScored), $0.offset)
                < ($1.element.strength(isScored: isScored), $1.offset)
        }.map(\.element)
        let pairs = Set(drawn.map { Pair(from: $0.from, to: $0.to) })
        return laterReadLines(ports)
            + drawn.compactMap { arrow in
                let isMutual =
                    arrow.slot == nil && pairs.contains(Pair(from: arrow.to, to: arrow.from))
                if isMutual, arrow.from > arrow.to { return nil }
                let from = end(.init(unit: arrow.from, slot: nil), ports, side: "n")
                let to = end(.init(unit: arrow.to, slot: arrow.slot), ports, side: "s")
                var attributes = [
                    "penwidth=\(Figures.fixed(width(of: arrow, strongest), digits: 2))",
                    "color=\"\(colour(of: arrow, strongest))\"",
                    "tooltip=\(Self.quoted(hint(of: arrow, isMutual: isMutual)))",
                ]
                if isMutual { attributes.append("dir=both, constraint=false") }
                return "  \(from) -> \(to) [\(attributes.joined(separator: ", "))];"
            }
    }

    /// A dashed line from each key or value to the heads that read it from a later position.
    private func laterReadLines(
        _ ports: [BoxOfDrawing.End: (box: String, port: String)]
    ) -> [String] {
        laterReads.map { read in
            let from = end(.init(unit: read.from, slot: nil), ports, side: "n")
            let to = end(.init(unit: read.to, slot: nil), ports, side: "n")
            return "  \(from) -> \(to) [style=dashed, color=\"#999999\", penwidth=0.6, "
                + "constraint=false, tooltip=\(Self.quoted("\(read.to) reads \(read.from)"))];"
        }
    }

    /// Which heads read a key or value from a later position, by the names of their boxes.
    var laterReads: [(from: String, to: String)] {
        circuit.units.values.sorted { $0.name < $1.name }.flatMap { unit in
            circuit.laterReaders(of: unit, headsPerGroup: headsPerGroup)
                .map { (unit.name, $0.name) }
        }
    }

    /// The arrows; where nodes stand in the frame of their role, one at the frame in place of those that
    /// join every node of the role with a box that has no role.
    private func bundledArrows() -> [FoldedCircuit.Arrow] {
        guard circuit.folding == .othersOfNoRole else { return circuit.arrows }
        let sizes = Dictionary(grouping: circuit.units.values.compactMap(\.role), by: \.self)
            .mapValues(\.count)
        func ends(_ arrow: FoldedCircuit.Arrow) -> Pair? {
            switch (circuit.units[arrow.from]?.role, circuit.units[arrow.to]?.role) {
            case (let role?, nil): Pair(from: "role " + role, to: arrow.to)
            case (nil, let role?): Pair(from: arrow.from, to: "role " + role)
            default: nil
            }
        }
        let bundles = Dictionary(grouping: circuit.arrows, by: ends)
        var done = Set<Pair>()
        return circuit.arrows.compactMap { arrow in
            guard let pair = ends(arrow), let bundle = bundles[pair],
                let role = [pair.from, pair.to].first(where: { $0.hasPrefix("role ") })?.dropFirst(
                    5),
                bundle.count == sizes[String(role)]
            else { return arrow }
            guard done.insert(pair).inserted else { return nil }
            var whole = arrow
            (whole.from, whole.to) = (pair.from, pair.to)
            whole.count = bundle.reduce(0) { $0 + $1.count }
            whole.pathCount = bundle.reduce(0) { $0 + $1.pathCount }
            let scores = bundle.map(\.score).filter { !$0.isNaN }
            whole.score = scores.isEmpty ? .nan : scores.reduce(0, +)
            return whole
        }
    }

    private struct Pair: Hashable {
        var from: String
        var to: String
    }

    private func end(
        _ end: BoxOfDrawing.End, _ ports: [BoxOfDrawing.End: (box: String, port: String)],
        side: String
    ) -> String {
        guard let place = ports[end] else { return Self.quoted(end.unit) }
        return "\(Self.quoted(place.box)):\(place.port):\(side)"
    }

    /// The share of the strongest arrow's effect, as a square root, which keeps an arrow visible beside
    /// one that is a hundred times as strong; 0 where it isn't known.
    private func share(of arrow: FoldedCircuit.Arrow, _ strongest: Float) -> Double {
        guard !arrow.score.isNaN, strongest > 0 else { return arrow.score.isInfinite ? 1 : 0 }
        return min(1, Double(abs(arrow.score) / strongest)).squareRoot()
    }

    private func width(of arrow: FoldedCircuit.Arrow, _ strongest: Float) -> Double {
        isScored ? 0.5 + 3 * share(of: arrow, strongest) : 0.7
    }

    /// A colour with its opacity: weak arrows are faded, and so are those of boxes without a role where
    /// roles are what is coloured.
    private func colour(of arrow: FoldedCircuit.Arrow, _ strongest: Float) -> String {
        guard isScored else {
            let role =
                circuit.units[arrow.from]?.role
                ?? (arrow.from.hasPrefix("role ") ? String(arrow.from.dropFirst(5)) : nil)
            if let index = role.flatMap(roleNames.firstIndex) {
                return RoleColour.arrow(index).hex + "d0"
            }
            return roleNames.isEmpty ? "#666666b0" : "#88888870"
        }
        guard !arrow.score.isNaN else { return "#aaaaaa" }
        let share = share(of: arrow, strongest)
        let colour = Colour.diverging((arrow.score < 0 ? -1 : 1) * (0.45 + 0.45 * share))
        let opacity = String(Int(140 + 115 * share), radix: 16)
        return colour.hex + opacity
    }

    private func hint(of arrow: FoldedCircuit.Arrow, isMutual: Bool) -> String {
        var hint = "\(arrow.from)->\(arrow.to)\(arrow.slot.map { "<\($0)>" } ?? "")"
        if isMutual { hint += " and back" }
        if !arrow.score.isNaN { hint += " \(arrow.score)" }
        if arrow.count > 1 { hint += ", \(arrow.count) edges" }
        return hint
    }
}
