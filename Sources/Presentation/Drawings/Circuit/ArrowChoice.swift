/// Chooses which arrows of too many are drawn, so that every box that is drawn keeps its path from the
/// input and to the logits.
///
/// The strongest arrow comes first, together with the strongest path that it lies on, then the next, as
/// long as they fit. The strongest path between two boxes is the one whose weakest arrow is strongest
/// (the widest path; Pollack 1960).
struct ArrowChoice {
    /// The number of boxes.
    let unitCount: Int
    /// The arrows, as the numbers of the boxes at their ends.
    let arrows: [(from: Int, to: Int)]
    /// The strength of each arrow, not NaN. Shape `[arrow]`.
    let strengths: [Double]
    /// What leads from box to box without an arrow, such as shared keys into the heads that read them.
    var links: [(from: Int, to: Int)] = []
    /// The boxes where paths begin.
    let sources: [Int]
    /// The boxes where paths end.
    let sinks: [Int]

    /// The arrows to draw, at most `limit` where a single path doesn't need more. Ascending.
    ///
    /// - Parameter candidates: The arrows to draw for their own sake; others are drawn only where the
    ///   paths of these lead over them.
    func chosen(limit: Int, among candidates: [Int]) -> [Int] {
        let before = widestPaths(from: sources, isBackward: false)
        let after = widestPaths(from: sinks, isBackward: true)
        var chosen = Set<Int>()
        let order = candidates.sorted { (strengths[$1], $0) < (strengths[$0], $1) }
        for arrow in order where !chosen.contains(arrow) {
            var needed: Set = [arrow]
            needed.formUnion(path(to: arrows[arrow].from, before))
            needed.formUnion(path(to: arrows[arrow].to, after))
            needed.subtract(chosen)
            guard chosen.isEmpty || chosen.count + needed.count <= limit else { continue }
            chosen.formUnion(needed)
            if chosen.count >= limit { break }
        }
        return chosen.sorted()
    }

    /// The boxes that no path from a source or none to a sink leads over, in the circuit itself.
    var disconnected: [Int] {
        let before = widestPaths(from: sources, isBackward: false)
        let after = widestPaths(from: sinks, isBackward: true)
        return (0..<unitCount).filter {
            (before[$0] == nil && !sources.contains($0))
                || (after[$0] == nil && !sinks.contains($0))
        }
    }

    /// The last step of the widest path to a box: the box before it, and the arrow unless it is a link.
    private struct Step {
        var unit: Int
        var arrow: Int?
    }

    private func path(to unit: Int, _ steps: [Step?]) -> [Int] {
        var path: [Int] = []
        var unit = unit
        while let step = steps[unit] {
            if let arrow = step.arrow { path.append(arrow) }
            unit = step.unit
        }
        return path
    }

    /// Dijkstra's search for the widest paths to every box; nil for the roots and what isn't reached.
    private func widestPaths(from roots: [Int], isBackward: Bool) -> [Step?] {
        var ways = [[(to: Int, arrow: Int?, strength: Double)]](repeating: [], count: unitCount)
        for (number, arrow) in arrows.enumerated() {
            let (from, to) = isBackward ? (arrow.to, arrow.from) : (arrow.from, arrow.to)
            ways[from].append((to, number, strengths[number]))
        }
        for link in links {
            let (from, to) = isBackward ? (link.to, link.from) : (link.from, link.to)
            ways[from].append((to, nil, .infinity))
        }
        var width = [Double](repeating: -1, count: unitCount)
        var isDone = [Bool](repeating: false, count: unitCount)
        var steps = [Step?](repeating: nil, count: unitCount)
        for root in roots { width[root] = .infinity }
        while true {
            var next: Int?
            for unit in 0..<unitCount where !isDone[unit] && width[unit] >= 0 {
                if next.map({ width[unit] > width[$0] }) ?? true { next = unit }
            }
            guard let next else { return steps }
            isDone[next] = true
            for way in ways[next] where !isDone[way.to] {
                let reached = min(width[next], way.strength)
                if reached > width[way.to] {
                    width[way.to] = reached
                    steps[way.to] = Step(unit: next, arrow: way.arrow)
                }
            }
        }
    }
}
