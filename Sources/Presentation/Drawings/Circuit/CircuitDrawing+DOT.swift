import Basics
import Graphs

extension CircuitDrawing {
    /// The drawing in DOT, for Graphviz's `dot`: the input at the bottom, the logits at the top, and
    /// between them for each layer a row of heads and, above it, a row for the MLP; boxes of roles stand
    /// as their arrows lead.
    package func dot() -> String {
        let boxes = BoxOfDrawing.boxes(of: self)
        let page = page
        var graph = [
            "rankdir=BT", "newrank=true", "ranksep=\(page.rowDistance)", "nodesep=\(page.distance)",
            "splines=true",
            // Arrows lie over frames that they cross to reach a node inside, elsewhere under the boxes.
            "outputorder=\(circuit.folding == .othersOfNoRole ? "nodesfirst" : "edgesfirst")",
            "fontname=\(Self.font)", "fontsize=11",
            "labelloc=b", "labeljust=l", "pad=0.15",
        ]
        if let ratio = page.ratio { graph.append("ratio=\(ratio)") }
        if let caption = caption(width: page.captionWidth) { graph.append("label=<\(caption)>") }
        var lines = [
            "digraph circuit {",
            "  graph [\(graph.joined(separator: ", "))];",
            "  node [shape=box, style=\"filled,rounded\", fontname=\(Self.font), fontsize=11,",
            "    penwidth=0.8, margin=\"0,0\", height=0.24, width=0.3];",
            "  edge [arrowsize=0.4];",
        ]
        lines += isByRole ? boxes.map { "  " + $0.statement } + endLines() : rowLines(boxes)
        lines += arrowLines(boxes)
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }

    /// The page that it is laid out for.
    var page: PageShape {
        PageShape(
            boxes: BoxOfDrawing.boxes(of: self), arrows: circuit.arrows, isByRole: isByRole)
    }

    static let font = "\"Helvetica,Arial,sans-serif\""

    /// Whether the boxes are those of roles, which don't stand in rows of layers.
    var isByRole: Bool { circuit.folding == .roles || circuit.folding == .othersOfNoRole }

    /// The layers whose heads lead into their MLP, which therefore stands in a row of its own above them.
    var layersOfTwoRows: Set<Int> { Set(circuit.arrows.compactMap(layerInside)) }

    /// The layer that an arrow stays in.
    private func layerInside(_ arrow: FoldedCircuit.Arrow) -> Int? {
        guard let layer = circuit.units[arrow.from]?.address?.layer,
            layer == circuit.units[arrow.to]?.address?.layer
        else { return nil }
        return layer
    }

    /// Puts the input at the bottom and the logits at the top.
    private func endLines() -> [String] {
        let ends = circuit.units.values.filter { $0.address?.role == .input }.map(\.name).sorted()
        return ends.map { "  { rank=source; \(Self.quoted($0)); }" }
            + (circuit.units["logits"] == nil ? [] : ["  { rank=sink; \"logits\"; }"])
    }

    /// The boxes row by row, each row with its label in the left margin.
    private func rowLines(_ boxes: [BoxOfDrawing]) -> [String] {
        let rows = Dictionary(grouping: boxes, by: \.row).sorted { $0.key < $1.key }
        var lines: [String] = []
        for (index, (row, members)) in rows.enumerated() {
            lines += [
                "  { rank=same;",
                "    row\(index) [shape=plaintext, style=\"\", fontsize=9, fontcolor=\"#777777\", "
                    + "label=\"\(row.label)\"];",
            ]
            lines += members.map { "    " + $0.statement }
            lines += positionLines(members)
            lines.append("  }")
        }
        if rows.count > 1 {
            // The invisible chain of labels keeps the rows in order and the labels in the margin.
            let chain = rows.indices.map { "row\($0)" }.joined(separator: " -> ")
            lines.append("  \(chain) [style=invis, weight=100];")
        }
        return lines
    }

    /// Holds the boxes of a row in the order of their positions: invisible arrows, which Graphviz draws
    /// from left to right within a row, from those at one position to those at the next.
    private func positionLines(_ boxes: [BoxOfDrawing]) -> [String] {
        let columns = Dictionary(grouping: boxes) { $0.position ?? -1 }
            .sorted { $0.key < $1.key }.map(\.value)
        return zip(columns, columns.dropFirst()).flatMap { left, right in
            // Of long rows one box stands for all, lest the arrows be many more than the circuit's.
            let isLong = left.count * right.count > 100
            return (isLong ? left.suffix(1) : left[...]).flatMap { from in
                (isLong ? right.prefix(1) : right[...]).map { to in
                    "    \(Self.quoted(from.name)) -> \(Self.quoted(to.name)) [style=invis];"
                }
            }
        }
    }

    /// `text` as a quoted identifier of DOT.
    static func quoted(_ text: String) -> String {
        let plain = text.map { character in
            character == "\"" || character == "\\" || character.isNewline ? "_" : character
        }
        return "\"\(String(plain).printable.replacing("\\", with: "_"))\""
    }
}

extension CircuitDrawing {
    /// Title, legend and remarks as a table of DOT: a row a line, which leaves room for descenders.
    private func caption(width: Double) -> String? {
        var rows: [String] = []
        func add(_ lines: [String], size: Int, isBold: Bool = false) {
            let wrapped = lines.flatMap {
                TextWidth.lines(
                    of: $0.printable, size: Double(size) * (isBold ? 1.1 : 1), width: width)
            }
            rows += wrapped.map { line in
                let text = isBold ? "<B>\(escaped(line))</B>" : escaped(line)
                return
                    "<TR><TD ALIGN=\"LEFT\"><FONT POINT-SIZE=\"\(size)\">\(text)</FONT></TD></TR>"
            }
        }
        if hasCaption || hasOwnTitle { add([title], size: 11, isBold: true) }
        if hasCaption {
            if !roleNames.isEmpty { rows += roleRows(width: width) }
            let reads =
                laterReads.isEmpty ? [] : ["dashed: a key or value read from a later position"]
            add(legend + reads + remarks, size: 9)
        }
        guard !rows.isEmpty else { return nil }
        return "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"2\">"
            + rows.joined() + "</TABLE>"
    }

    /// The colours of the roles, as many in a row as fit.
    private func roleRows(width: Double) -> [String] {
        var lines: [String] = []
        var used = Double.infinity
        for (index, name) in roleNames.enumerated() {
            let needed = 26 + TextWidth.of(name.printable, size: 9)
            if used + needed > width {
                lines.append("")
                used = 0
            }
            let colour = RoleColour.arrow(index).hex
            lines[lines.count - 1] += "<FONT COLOR=\"\(colour)\">■</FONT> \(escaped(name))   "
            used += needed
        }
        return lines.map {
            "<TR><TD ALIGN=\"LEFT\"><FONT POINT-SIZE=\"9\">\($0)</FONT></TD></TR>"
        }
    }
}
