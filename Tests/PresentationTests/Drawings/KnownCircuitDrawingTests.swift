import Artifacts
import Basics
import Graphs
import Presentation
import TestSupport
import Testing

/// The circuits of papers are drawn whole.
@Suite("Drawings of known circuits")
struct KnownCircuitDrawingTests {
    private func drawing(
        _ known: KnownCircuit, _ detail: CircuitDrawing.Detail
    ) throws -> CircuitDrawing {
        var options = CircuitDrawing.Options()
        options.detail = detail
        return CircuitDrawing(try CircuitArtifact(known), options)
    }

    @Test(
        "Nothing is left out, and every box is on a path",
        arguments: KnownCircuit.allCases, [CircuitDrawing.Detail.auto, .heads, .roles])
    func whole(known: KnownCircuit, detail: CircuitDrawing.Detail) throws {
        let drawing = try drawing(known, detail)
        #expect(!drawing.remarks.contains { $0.contains("left out") })
        let drawn = DrawnGraph(dot: drawing.dot())
        #expect(drawn.reached(from: "input") == drawn.boxes)
        #expect(drawn.reached(from: "logits", backwards: true) == drawn.boxes)
    }

    @Test("The roles of the IOI circuit are joined as in the paper")
    func indirectObject() throws {
        let drawn = DrawnGraph(dot: try drawing(.ioi, .auto).dot())
        let arrows = Set(drawn.arrows.map { "\($0.from)->\($0.to)" })
        for arrow in [
            "role previous token->role induction", "role duplicate token->role S-inhibition",
            "role induction->role S-inhibition", "role S-inhibition->role name mover",
            "role S-inhibition->role backup name mover",
            "role S-inhibition->role negative name mover", "role name mover->logits",
            "role negative name mover->logits", "input->role duplicate token",
        ] {
            #expect(arrows.contains(arrow), "\(arrow)")
        }
        #expect(!arrows.contains("role induction->role name mover"))
        #expect(!arrows.contains("role S-inhibition->logits"))
    }

    @Test("Every arrow between heads of the IOI circuit is drawn at --detail heads")
    func heads() throws {
        let drawn = DrawnGraph(dot: try drawing(.ioi, .heads).dot())
        let known = KnownCircuit.ioi
        let roles = Dictionary(
            uniqueKeysWithValues: zip(known.graph.table.nodes, known.roles))
        var between = Set<String>()
        for edge in known.inCircuit.indices where known.inCircuit[edge] {
            let ends = known.graph.name(ofEdge: edge).split(separator: "->").map {
                String($0.prefix { $0 != "<" })
            }
            if ends.allSatisfy({ roles[$0]?.isEmpty == false }) {
                between.insert(ends.joined(separator: "->"))
            }
        }
        // S-inhibition to 13 heads, induction and duplicate tokens to S-inhibition, previous tokens to
        // induction.
        #expect(between.count == 4 * 13 + 4 * 4 + 3 * 4 + 2 * 4)
        let framed = drawn.arrows.filter { $0.from.hasPrefix("role") && $0.to.hasPrefix("role") }
        #expect(framed.count == between.count && framed.allSatisfy { $0.port != nil })
    }

    @Test(
        "In full detail the IOI circuit has every arrow between its roles, the input and the logits"
    )
    func full() throws {
        let drawing = try drawing(.ioi, .full)
        let drawn = Set(
            DrawnGraph(dot: drawing.dot()).arrows.map {
                "\($0.from)->\($0.to)\($0.port.map { "<\($0)>" } ?? "")"
            })
        let known = KnownCircuit.ioi
        let roles = Dictionary(uniqueKeysWithValues: zip(known.graph.table.nodes, known.roles))
        let own = known.inCircuit.indices.filter { known.inCircuit[$0] }
            .map { known.graph.name(ofEdge: $0) }
            .filter { name in
                name.split(separator: "->").map { String($0.prefix { $0 != "<" }) }.allSatisfy {
                    $0 == "input" || $0 == "logits" || roles[$0]?.isEmpty == false
                }
            }
        #expect(drawn == Set(own))
        // Name movers and their backups and opponents write to the logits: 3, 8 and 2 heads.
        #expect(own.count { $0.hasSuffix("->logits") && $0.hasPrefix("a") } == 13)
        #expect(own.contains("a9.h9->logits"))
        #expect(drawing.remarks.contains { $0.contains("those from or to nodes without a role") })
    }

    @Test("Roles are coloured, each in a colour of its own, and named in a legend")
    func colours() throws {
        for known in KnownCircuit.allCases {
            let dot = try drawing(known, .roles).dot()
            let names = Set(known.roles.filter { !$0.isEmpty })
            let fills = dot.matches(of: /"role ([^"]*)" \[[^\]]*fillcolor="(#[0-9a-f]{6})"/)
            #expect(Set(fills.map { String($0.1) }) == names)
            #expect(Set(fills.map { String($0.2) }).count == names.count)
            for name in names { #expect(dot.contains("■</FONT> \(name)")) }
        }
    }

    @Test("Text stays inside its frame, and lines of text apart from each other")
    func frames() throws {
        for known in KnownCircuit.allCases {
            for detail in [CircuitDrawing.Detail.auto, .heads, .roles] {
                let svg = try Graphviz.svg(dot: try drawing(known, detail).dot())
                let drawn = try #require(DrawnSVG(svg))
                for text in drawn.texts where drawn.classes[text.group] == "node" {
                    guard let frame = drawn.frames[text.group] else { continue }
                    let width = TextWidth.of(text.content, size: text.size)
                    let left = text.anchor == "middle" ? text.x - width / 2 : text.x
                    #expect(left >= frame.x.lowerBound && left + width <= frame.x.upperBound)
                    #expect(text.y - text.size * 0.75 >= frame.y.lowerBound)
                    #expect(text.y + text.size * 0.22 <= frame.y.upperBound)
                }
                let caption = drawn.texts.filter { drawn.classes[$0.group] == "graph" }
                let lines = Set(caption.map(\.y)).sorted()
                for (upper, lower) in zip(lines, lines.dropFirst()) {
                    // Descenders reach a quarter of the size down, capitals three quarters up.
                    #expect(lower - upper >= 9)
                }
            }
        }
    }
}
