import Basics

extension FeatureGraphDrawing {
    private static let (boxHeight, gap) = (18.0, 6.0)
    private var boxWidth: Double { 5.2 * Double(labelWidth) + 6 }
    private static let margin = 46.0

    /// Where things are: a column a position, a row a layer, boxes side by side in a cell.
    private struct Layout {
        var columnStarts: [Double] = []
        var rowTops: [Double] = []
        var places: [(x: Double, y: Double)] = []
        var width = 0.0
        var height = 0.0
    }

    /// The drawing as SVG: positions from left to right, layers from the bottom up. Every box and line
    /// has a tooltip.
    package func svg() -> String {
        let layout = layout()
        let head = 42 + 16 * Double(remarks.count + 1)
        let (width, height) = (layout.width, layout.height + head)
        func number(_ value: Double) -> String { Figures.fixed(value, digits: 1) }
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(number(width))\" height=\"\(number(height))\" viewBox=\"0 0 \(number(width)) \(number(height))\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"10\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            "<text x=\"8\" y=\"18\" font-size=\"13\" font-weight=\"bold\">\(escaped(title))</text>",
        ]
        for (row, remark) in remarks.enumerated() {
            lines.append(
                "<text x=\"8\" y=\"\(number(34 + 16 * Double(row)))\" fill=\"#555\">\(escaped(remark))</text>"
            )
        }
        lines += legend(top: 42 + 16 * Double(remarks.count))
        lines.append("<g transform=\"translate(0 \(number(head)))\">")
        for layer in rows {
            let y = layout.rowTops[layer - rows.lowerBound] + Self.boxHeight / 2 + 3
            let name = layer == -1 ? "tokens" : layer == layerCount ? "logits" : "m\(layer)"
            lines.append("<text x=\"8\" y=\"\(number(y))\" fill=\"#555\">\(name)</text>")
        }
        for edge in edges.sorted(by: { abs($0.weight) < abs($1.weight) }) {
            let (from, to) = (layout.places[edge.source], layout.places[edge.target])
            let (x1, y1) = (from.x + boxWidth / 2, from.y)
            let (x2, y2) = (to.x + boxWidth / 2, to.y + Self.boxHeight)
            let bend = (y1 - y2) / 2
            let name = nodes[edge.source].name + " -> " + nodes[edge.target].name
            lines.append(
                "<path d=\"M\(number(x1)) \(number(y1)) C\(number(x1)) \(number(y1 - bend)) \(number(x2)) \(number(y2 + bend)) \(number(x2)) \(number(y2))\" fill=\"none\" stroke=\"\(colour(edge))\" stroke-opacity=\"0.7\" stroke-width=\"\(Figures.fixed(self.width(edge), digits: 2))\"><title>\(escaped(name)) \(Figures.signed(Double(edge.weight)))</title></path>"
            )
        }
        for (node, place) in zip(nodes, layout.places) {
            let label =
                node.label.count > labelWidth
                ? node.label.prefix(labelWidth - 1) + "…" : Substring(node.label)
            lines.append(
                "<g><title>\(escaped(node.name)), influence \(Figures.short(node.influence))</title><rect x=\"\(number(place.x))\" y=\"\(number(place.y))\" width=\"\(number(boxWidth))\" height=\"\(number(Self.boxHeight))\" rx=\"4\" fill=\"\(fill(node))\" stroke=\"#888\" stroke-width=\"0.6\"/><text x=\"\(number(place.x + boxWidth / 2))\" y=\"\(number(place.y + 12.5))\" text-anchor=\"middle\" xml:space=\"preserve\">\(escaped(String(label)))</text></g>"
            )
        }
        lines += ["</g>", "</svg>"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// What colours mean.
    private func legend(top: Double) -> [String] {
        func number(_ value: Double) -> String { Figures.fixed(value, digits: 1) }
        var x = 8.0
        var lines: [String] = []
        func add(_ mark: String, width: Double, _ text: String) {
            lines.append(mark)
            lines.append(
                "<text x=\"\(number(x + width + 4))\" y=\"\(number(top))\" fill=\"#555\">\(text)</text>"
            )
            x += width + 16 + 5.4 * Double(text.count)
        }
        for (colour, text) in [
            (Colour.diverging(0.7), "raises its target"), (Colour.diverging(-0.7), "lowers it"),
        ] {
            add(
                "<line x1=\"\(number(x))\" y1=\"\(number(top - 3))\" x2=\"\(number(x + 16))\" y2=\"\(number(top - 3))\" stroke=\"\(colour.hex)\" stroke-width=\"2\"/>",
                width: 16, text)
        }
        for (fill, text, sorts) in [
            ("#6baed6", "feature, darker: more influence", "m"), ("#fbe9e7", "error", "e"),
            ("#eeeeee", "token or logit", "il"),
        ] where length > 1 || nodes.contains(where: { sorts.contains($0.sort) }) {
            add(
                "<rect x=\"\(number(x))\" y=\"\(number(top - 9))\" width=\"10\" height=\"10\" rx=\"2\" fill=\"\(fill)\" stroke=\"#888\" stroke-width=\"0.6\"/>",
                width: 10, text)
        }
        return lines
    }

    private func layout() -> Layout {
        // A cell takes as many rows of boxes as it needs for these columns of them.
        let perRow = boxesInRow
        let cells = Dictionary(grouping: nodes.indices) {
            Cell(layer: nodes[$0].layer, position: nodes[$0].position)
        }
        var layout = Layout()
        var x = Self.margin
        for position in 0..<length {
            let most = cells.filter { $0.key.position == position }.map(\.value.count).max() ?? 1
            layout.columnStarts.append(x)
            x += Double(min(perRow, most)) * (boxWidth + Self.gap) + 3 * Self.gap
        }
        layout.width = max(x, 640)
        layout.rowTops = [Double](repeating: 0, count: rows.count)
        var y = Self.gap
        for layer in rows.reversed() {
            let most = cells.filter { $0.key.layer == layer }.map(\.value.count).max() ?? 1
            layout.rowTops[layer - rows.lowerBound] = y
            y += Double((most + perRow - 1) / perRow) * (Self.boxHeight + Self.gap) + 34
        }
        layout.height = y - 20
        layout.places = [(x: Double, y: Double)](repeating: (0, 0), count: nodes.count)
        for (cell, members) in cells {
            let top = layout.rowTops[Int(cell.layer) - rows.lowerBound]
            for (place, node) in members.sorted().enumerated() {
                let left = layout.columnStarts[Int(cell.position)]
                layout.places[node] = (
                    left + Double(place % perRow) * (boxWidth + Self.gap),
                    top + Double(place / perRow) * (Self.boxHeight + Self.gap)
                )
            }
        }
        return layout
    }

    private struct Cell: Hashable {
        var layer: Int32
        var position: Int32
    }
}
