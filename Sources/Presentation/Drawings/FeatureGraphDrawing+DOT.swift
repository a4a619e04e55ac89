import Basics

extension FeatureGraphDrawing {
    /// The drawing in DOT, for Graphviz's `dot`: a rank a layer, tokens at the bottom.
    package func dot() -> String {
        var lines = [
            "digraph attribution {",
            "  graph [rankdir=BT, ranksep=0.5, nodesep=0.1, outputorder=edgesfirst,",
            "    fontname=\"Helvetica,Arial,sans-serif\", fontsize=11, labelloc=b, labeljust=l,",
            "    label=<\(([title] + remarks).map { escaped($0) + "<BR ALIGN=\"LEFT\"/>" }.joined())>];",
            "  node [shape=box, style=\"filled,rounded\", fontname=\"Helvetica,Arial,sans-serif\",",
            "    fontsize=10, penwidth=0.8, margin=\"0.06,0.03\", height=0.22, width=0.3];",
            "  edge [arrowsize=0.4];",
        ]
        for (_, row) in Dictionary(grouping: nodes.indices, by: { nodes[$0].layer })
            .sorted(by: { $0.key < $1.key })
        {
            let order = row.sorted { (nodes[$0].position, $0) < (nodes[$1].position, $1) }
            lines.append("  { rank=same;")
            for index in order {
                let node = nodes[index]
                let label =
                    node.sort == "m" && length > 1 ? "\(node.label)@\(node.position)" : node.label
                lines.append(
                    "    \"\(quoted(node.name))\" [label=\"\(quoted(label))\", fillcolor=\"\(fill(node))\"];"
                )
            }
            lines.append("  }")
        }
        for edge in edges {
            lines.append(
                "  \"\(quoted(nodes[edge.source].name))\" -> \"\(quoted(nodes[edge.target].name))\" "
                    + "[color=\"\(colour(edge))\", penwidth=\(Figures.fixed(width(edge), digits: 2)), "
                    + "tooltip=\"\(Figures.signed(Double(edge.weight)))\"];")
        }
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }

    private func quoted(_ text: String) -> String {
        var result = ""
        for character in text {
            if character == "\"" || character == "\\" { result.append("\\") }
            result.append(character.isNewline ? " " : character)
        }
        return result
    }

    /// Tokens and logits grey, features by influence, errors light.
    func fill(_ node: Node) -> String {
        switch node.sort {
        case "m":
            let most = nodes.filter { $0.sort == "m" }.map(\.influence).max() ?? 1
            return Colour.mix(
                Colour(236, 244, 251), Colour(107, 174, 214), most > 0 ? node.influence / most : 0
            ).hex
        case "e": return "#fbe9e7"
        default: return "#eeeeee"
        }
    }

    /// Blue raises its target, red lowers it.
    func colour(_ edge: Edge) -> String {
        Colour.diverging(edge.weight < 0 ? -0.7 : 0.7).hex
    }

    /// Wider where the effect is larger.
    func width(_ edge: Edge) -> Double {
        let most = edges.map { abs($0.weight) }.max() ?? 1
        return most > 0 ? 0.4 + 2.6 * Double(abs(edge.weight) / most) : 0.4
    }
}
