import Basics
import Graphs

extension CircuitDrawing {
    /// Leaves arrows out until no more than `limit` are left, and says which.
    static func shorten(
        _ folded: inout FoldedCircuit, to limit: Int, isScored: Bool, _ headsPerGroup: Int
    ) -> [String] {
        let names = folded.units.keys.sorted()
        let numbers = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        func number(_ name: String) -> Int { numbers[name] ?? 0 }
        let units = names.compactMap { folded.units[$0] }
        let order = ArrowOrder(folded, isScored: isScored, limit: limit)
        let choice = ArrowChoice(
            unitCount: names.count,
            arrows: folded.arrows.map { (number($0.from), number($0.to)) },
            strengths: order.strengths,
            links: units.flatMap { unit in
                (folded.readers(of: unit, headsPerGroup: headsPerGroup)
                    + folded.laterReaders(of: unit, headsPerGroup: headsPerGroup))
                    .map { (number(unit.name), number($0.name)) }
            },
            sources: units.indices.filter { units[$0].address?.role == .input },
            sinks: units.indices.filter { units[$0].address?.role == .logits })
        var remarks: [String] = []
        let loose = choice.disconnected
        if !loose.isEmpty {
            let few = loose.prefix(6).map { names[$0] }.joined(separator: " ")
            remarks.append(
                "on no whole path from input to logits in the circuit itself: \(few)"
                    + (loose.count > 6 ? " and \(loose.count - 6) more" : ""))
        }
        guard folded.arrows.count > limit else { return remarks }
        let chosen = choice.chosen(limit: limit, among: order.candidates)
        let lost = Set(folded.arrows.indices).subtracting(chosen)
        let all = (arrows: folded.arrows.count, units: folded.units.count)
        folded.keep(chosen)
        let boxes = all.units - folded.units.count
        var text = "left out: \(Figures.count(lost.count)) of \(Figures.count(all.arrows)) arrows"
        if boxes > 0 { text += " and \(boxes) of \(all.units) boxes" }
        if isScored {
            let total = order.strengths.filter(\.isFinite).reduce(0, +)
            let share = lost.map { order.strengths[$0] }.filter(\.isFinite).reduce(0, +)
            if total > 0 {
                text += " (\(Figures.fixed(100 * share / total, digits: 1))% of the effect)"
            }
        }
        remarks.append(
            "\(text), \(order.rule); every box that is drawn keeps a path from the input and to "
                + "the logits")
        return remarks
    }
}

/// Which arrows come first where not all are drawn.
///
/// Where arrows have scores the strongest come first. Where none has, a circuit is known for what its
/// nodes with roles do, or, without roles, for what writes to the logits: arrows between nodes of roles, or
/// those into the logits, come first, and among equals those on the most paths from input to logits.
struct ArrowOrder {
    /// The strength of each arrow, not NaN. Shape `[arrow]`.
    let strengths: [Double]
    /// The arrows that are drawn for their own sake; others only where those need them for their paths.
    let candidates: [Int]
    /// What is left out, in words.
    let rule: String

    init(_ circuit: FoldedCircuit, isScored: Bool, limit: Int) {
        let arrows = circuit.arrows
        guard !isScored else {
            strengths = arrows.map { $0.strength(isScored: true) }
            candidates = Array(arrows.indices)
            rule = "the weakest"
            return
        }
        let hasRoles = circuit.units.values.contains { $0.role != nil }
        func isKnown(_ name: String) -> Bool {
            guard let unit = circuit.units[name] else { return false }
            return unit.role != nil || unit.address?.role == .input || unit.address?.role == .logits
        }
        let isFirst = arrows.map { arrow in
            hasRoles
                ? isKnown(arrow.from) && isKnown(arrow.to)
                : circuit.units[arrow.to]?.address?.role == .logits
        }
        func key(_ arrow: Int) -> (Int, Double) {
            (isFirst[arrow] ? 1 : 0, arrows[arrow].strength(isScored: false))
        }
        let order = arrows.indices.sorted { key($0) < key($1) }
        var ranks = [Double](repeating: 0, count: arrows.count)
        for (place, arrow) in order.enumerated() {
            let isTied = place > 0 && key(order[place - 1]) == key(arrow)
            ranks[arrow] = isTied ? ranks[order[place - 1]] : Double(place)
        }
        strengths = ranks
        let first = arrows.indices.filter { isFirst[$0] }
        // A few of the many other arrows would say nothing about those.
        if hasRoles, 2 * first.count > limit, first.count <= limit {
            candidates = first
            rule = "those from or to nodes without a role"
        } else {
            candidates = Array(arrows.indices)
            let exception = hasRoles ? "those between nodes of roles" : "those into the logits"
            rule =
                "those on the fewest paths from input to logits, since none has a score, but last "
                + exception
        }
    }
}
