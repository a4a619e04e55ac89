import Graphs

extension CircuitDrawing {
    /// The drawing in DOT, for Graphviz's `dot`: the input at the bottom, the logits at the top, and for
    /// each layer a row of heads and a row for the MLP.
    package func dot() -> String {
        var lines = [
            "digraph circuit {",
            "  graph [rankdir=BT, ranksep=0.32, nodesep=0.14, splines=true, outputorder=edgesfirst,",
            "    fontname=\"Helvetica,Arial,sans-serif\", fontsize=11, labelloc=b, labeljust=l, pad=0.2,",
            "    label=<\(caption)>];",
            "  node [shape=box, style=\"filled,rounded\", fontname=\"Helvetica,Arial,sans-serif\", fontsize=11,",
            "    penwidth=0.8, margin=\"0.09,0.04\", height=0.28, width=0.36];",
            "  edge [arrowsize=0.45];",
        ]
        lines += rowLines()
        lines += sharedKeyValueLines()
        lines += edges.map(line)
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }

    private var caption: String {
        let rows = ["<B>\(escaped(title))</B>"] + remarks.map(escaped)
        return rows.map { "\($0)<BR ALIGN=\"LEFT\"/>" }.joined()
    }

    /// A row of the drawing: the nodes of one role in one layer.
    private struct Row: Hashable, Comparable {
        var layer: Int
        var role: NodeAddress.Role

        init(_ node: Node) {
            role = node.address?.role ?? .attention
            switch role {
            case .input: layer = -1
            case .logits: layer = .max
            default: layer = node.address?.layer ?? 0
            }
        }

        static func < (first: Row, second: Row) -> Bool {
            (first.layer, first.role) < (second.layer, second.role)
        }

        /// The label in the left margin.
        var label: String {
            switch role {
            case .input, .logits: ""
            case .keyValueHead: "\(layer) kv"
            case .attention: "\(layer) attn"
            case .mlp: "\(layer) mlp"
            }
        }
    }

    /// The nodes row by row, each row with its label in the left margin.
    private func rowLines() -> [String] {
        let rows = Dictionary(grouping: nodes.values, by: Row.init).sorted { $0.key < $1.key }
        var lines: [String] = []
        for (index, (row, members)) in rows.enumerated() {
            let label =
                "    row\(index) [shape=plaintext, style=\"\", fontsize=9, fontcolor=\"#888888\", "
                + "label=\"\(row.label)\"];"
            lines += ["  { rank=same;", label]
            lines += members.sorted(by: Self.byHead).map { "    " + statement($0) }
            lines.append("  }")
        }
        if rows.count > 1 {
            // The invisible chain of labels keeps the rows in order and the labels in the margin.
            let chain = rows.indices.map { "row\($0)" }.joined(separator: " -> ")
            lines.append("  \(chain) [style=invis, weight=100];")
        }
        return lines
    }

    private static func byHead(_ first: Node, _ second: Node) -> Bool {
        (first.address?.head ?? 0, first.name) < (second.address?.head ?? 0, second.name)
    }

    private func statement(_ node: Node) -> String {
        let (fill, border) = colours(node)
        let style = "fillcolor=\"\(fill)\", color=\"\(border)\""
        guard !node.slots.isEmpty else {
            return "\(quoted(node.name)) [label=<\(label(node))>, \(style)];"
        }
        let slots = node.slots.sorted(by: Self.slotOrder).map { slot in
            "<TD PORT=\"\(slot)\"><FONT POINT-SIZE=\"8\" COLOR=\"#666666\">\(slot)</FONT></TD>"
        }
        // The inputs are in the lower half of the box, where arrows from earlier layers arrive.
        return """
            \(quoted(node.name)) [margin=0, \(style), label=<<TABLE BORDER="0" CELLBORDER="0" \
            CELLSPACING="0" CELLPADDING="2"><TR><TD COLSPAN="\(slots.count)">\(label(node))</TD>\
            </TR><TR>\(slots.joined())</TR></TABLE>>];
            """
    }

    private static func slotOrder(_ first: Character, _ second: Character) -> Bool {
        let order: [Character] = ["q", "k", "v"]
        return (order.firstIndex(of: first) ?? 3) < (order.firstIndex(of: second) ?? 3)
    }

    private func label(_ node: Node) -> String {
        guard let address = node.address else { return escaped(node.name) }
        var text: String
        switch (address.role, address.layer) {
        case (.attention, let layer?):
            text = address.head.map { "\(layer).\($0)" } ?? "attn \(layer)"
        case (.keyValueHead, let layer?): text = "\(layer).kv\(address.head ?? 0)"
        case (.mlp, let layer?): text = "mlp \(layer)"
        default: text = address.roleName
        }
        if let neuron = address.neuron { text += " n\(neuron)" }
        if let position = address.position { text += " @\(position)" }
        guard !node.heads.isEmpty else { return text }
        let heads = node.heads.sorted().map(String.init).joined(separator: " ")
        return "\(text)<BR/><FONT POINT-SIZE=\"8\" COLOR=\"#666666\">\(heads)</FONT>"
    }

    /// The colours of a box and its border, by role.
    private func colours(_ node: Node) -> (String, String) {
        switch node.address?.role {
        case .attention: ("#dfeaf5", "#7f9dbd")
        case .keyValueHead: ("#eef3e2", "#a3b57c")
        case .mlp: ("#fbe8d3", "#cfa06a")
        case .input, .logits, nil: ("#eeeeee", "#999999")
        }
    }

    /// Dotted lines from each shared key-value head to the query heads in the drawing that read it.
    private func sharedKeyValueLines() -> [String] {
        nodes.values.filter { $0.address?.role == .keyValueHead }
            .sorted { $0.name < $1.name }
            .flatMap { group -> [String] in
                guard let layer = group.address?.layer, let index = group.address?.head,
                    (0..<1 << 20).contains(index)
                else { return [] }
                return (index * headsOfGroup..<(index + 1) * headsOfGroup)
                    .map { NodeAddress(.attention, layer: layer, head: $0).name }
                    .filter { nodes[$0] != nil }
                    .map { head in
                        "  \(quoted(group.name)) -> \(quoted(head)) "
                            + "[style=dotted, color=\"#a3b57c\", arrowhead=none];"
                    }
            }
    }

    private func line(_ edge: Edge) -> String {
        let port = edge.slot.map { ":\($0):s" } ?? ""
        let strongest = edges.last?.score.magnitude ?? 1
        // The square root keeps an edge visible beside one that is a hundred times as strong.
        let share =
            edge.score.isNaN || strongest == 0 || strongest.isNaN
            ? 0 : Double(edge.score.magnitude / strongest).squareRoot()
        let colour =
            edge.score.isNaN
            ? "#aaaaaa" : Colour.diverging((edge.score < 0 ? -1 : 1) * (0.2 + 0.7 * share)).hex
        let width = Figures.fixed(0.5 + 3 * share, digits: 2)
        var hint = "\(edge.from)->\(edge.to)\(edge.slot.map { "<\($0)>" } ?? "")"
        if !edge.score.isNaN { hint += " \(edge.score)" }
        if edge.count > 1 { hint += ", \(edge.count) edges" }
        return "  \(quoted(edge.from)) -> \(quoted(edge.to))\(port) "
            + "[penwidth=\(width), color=\"\(colour)\", tooltip=\(quoted(hint))];"
    }

    /// `text` as a quoted identifier of DOT.
    private func quoted(_ text: String) -> String {
        let plain = text.map { character in
            character == "\"" || character == "\\" || character.isNewline ? "_" : character
        }
        return "\"\(String(plain))\""
    }
}
