import Basics
import Graphs

/// A box as DOT has it: one node, the nodes of a role or a layer, or a key-value head together with the
/// query heads that share it.
struct BoxOfDrawing {
    /// Where an arrow leaves or arrives: a unit, or one of its inputs.
    struct End: Hashable {
        var unit: String
        var slot: Character?
    }

    /// A row of the drawing: a layer, or the upper of the two that a layer has where its heads lead into
    /// its MLP.
    struct Row: Hashable, Comparable {
        var layer: Int
        var isUpper: Bool

        static func < (first: Row, second: Row) -> Bool {
            (first.layer, first.isUpper ? 1 : 0) < (second.layer, second.isUpper ? 1 : 0)
        }

        /// The label in the left margin, that of the layer.
        var label: String { layer < 0 || layer == .max || isUpper ? "" : "\(layer)" }
    }

    /// Its name in DOT.
    let name: String
    /// The row that it stands in.
    let row: Row
    /// The statement that declares it.
    let statement: String
    /// Its width and about its height, in points.
    let (width, height): (Double, Double)
    /// The position that its nodes are at; nil where they have none.
    let position: Int?
    /// The ports of ends that aren't the box itself.
    var ports: [End: String] = [:]

    /// The boxes of a drawing, in the order of heads.
    static func boxes(of drawing: CircuitDrawing) -> [BoxOfDrawing] {
        let units = drawing.circuit.units.values.sorted(by: precedes)
        var taken = Set<String>()
        var boxes: [BoxOfDrawing] = []
        if drawing.circuit.folding == .othersOfNoRole {
            for role in drawing.roleNames {
                let members = units.filter { $0.role == role }
                taken.formUnion(members.map(\.name))
                boxes.append(BoxOfDrawing(role, members, in: drawing))
            }
        } else {
            for unit in units where unit.address?.role == .keyValueHead {
                let readers = drawing.circuit.readers(
                    of: unit, headsPerGroup: drawing.headsPerGroup)
                taken.formUnion(readers.map(\.name) + [unit.name])
                boxes.append(BoxOfDrawing(sharing: unit, readers: readers, in: drawing))
            }
        }
        boxes += units.filter { !taken.contains($0.name) }.map { BoxOfDrawing($0, in: drawing) }
        return boxes
    }

    private static func precedes(_ first: FoldedCircuit.Unit, _ second: FoldedCircuit.Unit) -> Bool
    {
        func key(_ unit: FoldedCircuit.Unit) -> (Int, Int, Int, String) {
            let first = unit.address ?? unit.members.first
            return (first?.layer ?? -1, first?.head ?? 0, first?.position ?? 0, unit.name)
        }
        return key(first) < key(second)
    }

    private static func row(of unit: FoldedCircuit.Unit, in drawing: CircuitDrawing) -> Row {
        let address = unit.address ?? unit.members.first
        switch address?.role {
        case .input: return Row(layer: -1, isUpper: false)
        case .logits: return Row(layer: .max, isUpper: false)
        case .mlp:
            let layer = address?.layer ?? 0
            return Row(layer: layer, isUpper: drawing.layersOfTwoRows.contains(layer))
        default: return Row(layer: address?.layer ?? 0, isUpper: false)
        }
    }
}

extension BoxOfDrawing {
    static let (labelSize, smallSize) = (11.0, 8.0)

    /// The box of one unit.
    private init(_ unit: FoldedCircuit.Unit, in drawing: CircuitDrawing) {
        name = unit.name
        row = Self.row(of: unit, in: drawing)
        let lines = Self.lines(unit)
        let widths =
            lines.big.map { TextWidth.of($0, size: Self.labelSize) }
            + lines.small.map { TextWidth.of($0, size: Self.smallSize) }
        let slots = unit.slots.sorted { Self.slotOrder($0) < Self.slotOrder($1) }
        width = max(22, (widths.max() ?? 0) + 10, 14 * Double(slots.count))
        height =
            1 + 16.5 * Double(lines.big.count)
            + 14.5 * Double(lines.small.count + (slots.isEmpty ? 0 : 1))
        position = unit.address?.position
        let colours = Self.colours(unit, drawing)
        let style = "fillcolor=\"\(colours.fill)\", color=\"\(colours.border)\""
        let inches = Figures.fixed(width / 72, digits: 2)
        if slots.isEmpty, lines.small.isEmpty, lines.big.count == 1 {
            statement =
                "\(CircuitDrawing.quoted(name)) [label=\"\(Self.plain(lines.big[0]))\", "
                + "width=\(inches), \(style)];"
            return
        }
        var rows = lines.big.map {
            "<TR><TD COLSPAN=\"\(max(1, slots.count))\">\(escaped($0))</TD></TR>"
        }
        rows += lines.small.map {
            "<TR><TD COLSPAN=\"\(max(1, slots.count))\">\(Self.small(escaped($0)))</TD></TR>"
        }
        // The inputs are in the lower half of the box, where arrows from earlier layers arrive.
        if !slots.isEmpty {
            let cells = slots.map { "<TD PORT=\"\($0)\">\(Self.small(String($0)))</TD>" }
            rows.append("<TR>\(cells.joined())</TR>")
            for slot in slots { ports[End(unit: name, slot: slot)] = String(slot) }
        }
        statement = """
            \(CircuitDrawing.quoted(name)) [width=\(inches), \(style), label=<\
            \(Self.table(rows))>];
            """
    }

    /// The box of a key-value head with the query heads that read it, in a row: its k and v inputs, then
    /// the heads, which q arrives at from below and whose output leaves from above.
    private init(
        sharing group: FoldedCircuit.Unit, readers: [FoldedCircuit.Unit], in drawing: CircuitDrawing
    ) {
        let slots = group.slots.sorted { Self.slotOrder($0) < Self.slotOrder($1) }
        var cells = Cells()
        for slot in slots.isEmpty ? [nil] : slots.map(Optional.some) {
            let text = slot.map(String.init) ?? "kv"
            cells.add(text, isSmall: true, port: text, ends: [End(unit: group.name, slot: slot)])
        }
        if readers.isEmpty, let address = group.address { cells.add(Self.short(address)) }
        for (index, reader) in readers.enumerated() {
            cells.add(
                Self.lines(reader).big.joined(separator: " "),
                fill: Self.colours(reader, drawing).fill,
                port: "h\(index)",
                ends: [End(unit: reader.name, slot: nil), End(unit: reader.name, slot: "q")])
        }
        self.init(
            name: group.name, row: Self.row(of: group, in: drawing),
            position: group.address?.position, rows: [cells],
            colours: ("#f4f6ee", "#8c9a70"))
    }

    /// The box of a role with a cell for each of its nodes.
    private init(_ role: String, _ members: [FoldedCircuit.Unit], in drawing: CircuitDrawing) {
        var rows: [Cells] = []
        for (index, member) in members.enumerated() {
            if index % 9 == 0 { rows.append(Cells()) }
            rows[rows.count - 1].add(
                Self.lines(member).big.joined(separator: " "), fill: "#ffffff", port: "h\(index)",
                ends: [End(unit: member.name, slot: nil)])
        }
        let index = drawing.roleNames.firstIndex(of: role) ?? 0
        let colour = RoleColour.box(index)
        self.init(
            name: "role " + role, row: Row(layer: 0, isUpper: false), title: role, rows: rows,
            colours: (colour.fill.hex, colour.border.hex))
    }

    /// Cells side by side.
    private struct Cells {
        var statements: [String] = []
        var width = 0.0
        var ports: [End: String] = [:]

        mutating func add(
            _ text: String, isSmall: Bool = false, fill: String? = nil, port: String? = nil,
            ends: [End] = []
        ) {
            let wide =
                TextWidth.of(text, size: isSmall ? BoxOfDrawing.smallSize : BoxOfDrawing.labelSize)
                + 6
            var attributes = "WIDTH=\"\(Int(wide.rounded(.up)))\""
            if let port { attributes += " PORT=\"\(port)\"" }
            if let fill { attributes += " BGCOLOR=\"\(fill)\"" }
            let label = isSmall ? BoxOfDrawing.small(escaped(text)) : escaped(text)
            statements.append("<TD \(attributes)>\(label)</TD>")
            width += wide + 2
            for end in ends { ports[end] = port }
        }
    }

    /// A box of rows of cells.
    private init(
        name: String, row: Row, position: Int? = nil, title: String? = nil, rows: [Cells],
        colours: (fill: String, border: String)
    ) {
        self.name = name
        self.row = row
        self.position = position
        height = 5 + 17 * Double(rows.count)
        ports = rows.reduce(into: [:]) { $0.merge($1.ports) { first, _ in first } }
        let titleWidth = title.map { TextWidth.of($0.printable, size: Self.labelSize) + 8 } ?? 0
        width = titleWidth + (rows.map(\.width).max() ?? 0) + 12
        var lines = rows.map(\.statements)
        if let title, !lines.isEmpty {
            // Beside the cells, so that arrows from above and below reach them.
            lines[0].insert(
                """
                <TD ROWSPAN="\(lines.count)" WIDTH="\(Int(titleWidth.rounded(.up)))">\
                \(escaped(title))</TD>
                """, at: 0)
        }
        statement = """
            \(CircuitDrawing.quoted(name)) [margin="0.06,0.03", fillcolor="\(colours.fill)", \
            color="\(colours.border)", label=<\(Self.table(lines.map { "<TR>\($0.joined())</TR>" }, spacing: title == nil ? 1 : 3))>];
            """
    }
}
