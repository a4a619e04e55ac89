import Foundation

/// The boxes and arrows of a drawing, read back from its DOT.
struct DrawnGraph {
    /// An arrow, by the names of the boxes at its ends.
    struct Arrow: Hashable {
        var from: String
        var to: String
        /// The port at its end: `q`, `k`, `v`, or of a head in a box of several.
        var port: String?
        var isMutual: Bool
    }

    var boxes: Set<String> = []
    var arrows: [Arrow] = []

    init(dot: String) {
        for line in dot.split(separator: "\n") {
            let names = line.matches(of: /"([^"]*)"(?::(\w+):\w)?/)
            let isArrow = line.firstMatch(of: /^ *"[^"]*"(:\w+:\w)? -> "/) != nil
            if isArrow, names.count >= 2 {
                arrows.append(
                    Arrow(
                        from: String(names[0].1), to: String(names[1].1),
                        port: names[1].2.map(String.init), isMutual: line.contains("dir=both")))
            } else if let name = line.firstMatch(of: /^ +"([^"]*)" \[/) {
                boxes.insert(String(name.1))
            }
        }
    }

    /// The boxes that a walk along the arrows reaches.
    func reached(from start: String, backwards: Bool = false) -> Set<String> {
        var reached: Set = [start]
        var ways = arrows.map { backwards ? ($0.to, $0.from) : ($0.from, $0.to) }
        ways += arrows.filter(\.isMutual).map { backwards ? ($0.from, $0.to) : ($0.to, $0.from) }
        while true {
            let more = Set(ways.filter { reached.contains($0.0) }.map(\.1)).subtracting(reached)
            if more.isEmpty { return reached }
            reached.formUnion(more)
        }
    }
}
