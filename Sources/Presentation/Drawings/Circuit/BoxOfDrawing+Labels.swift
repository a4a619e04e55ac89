import Basics
import Graphs

/// What boxes say, and their colours.
extension BoxOfDrawing {
    static func table(_ rows: [String], spacing: Int = 1) -> String {
        """
        <TABLE BORDER="0" CELLBORDER="0" CELLSPACING="\(spacing)" CELLPADDING="2">\
        \(rows.joined())</TABLE>
        """
    }

    static func small(_ text: String) -> String {
        "<FONT POINT-SIZE=\"8\" COLOR=\"#555555\">\(text)</FONT>"
    }

    /// `text` inside a quoted label.
    static func plain(_ text: String) -> String {
        String(CircuitDrawing.quoted(text).dropFirst().dropLast())
    }

    static func slotOrder(_ slot: Character) -> Int {
        ["q", "k", "v"].firstIndex(of: slot) ?? 3
    }

    /// The lines of a label, large ones and small ones below.
    static func lines(_ unit: FoldedCircuit.Unit) -> (big: [String], small: [String]) {
        if unit.isGroup {
            let names = unit.members.map { member in short(member) }
            let title = unit.role ?? (unit.name == "other MLPs" ? "MLPs" : "other heads")
            return (
                [title.printable], TextWidth.lines(of: ranges(names, unit), size: 8, width: 100)
            )
        }
        guard let address = unit.address else { return ([unit.name.printable], []) }
        let heads = unit.members.filter { $0.role == .attention }.compactMap(\.head)
        let list = heads.sorted().map(String.init).joined(separator: " ")
        return ([short(address)], TextWidth.lines(of: list, size: 8, width: 90))
    }

    /// The nodes of a box: all of them, but for MLPs of layers that follow each other.
    static func ranges(_ names: [String], _ unit: FoldedCircuit.Unit) -> String {
        let layers = unit.members.compactMap(\.layer)
        guard
            unit.members.allSatisfy({ $0.role == .mlp && $0.neuron == nil && $0.position == nil }),
            let first = layers.first, let last = layers.last, layers == Array(first...last),
            layers.count > 2
        else { return names.joined(separator: " ") }
        return "m\(first) to m\(last)"
    }

    /// A node as boxes name it: `9.6` for a head, `m3`, `attn 3` for a whole block.
    static func short(_ address: NodeAddress) -> String {
        var text: String
        switch (address.role, address.layer) {
        case (.attention, let layer?):
            text = address.head.map { "\(layer).\($0)" } ?? "attn \(layer)"
        case (.keyValueHead, let layer?): text = "\(layer).kv\(address.head ?? 0)"
        case (.mlp, let layer?): text = "m\(layer)"
        default: text = address.roleName
        }
        if let neuron = address.neuron { text += " n\(neuron)" }
        if let position = address.position { text += " @\(position)" }
        return text
    }

    /// The colours of a box and its border: of its role in the circuit, or of what part of the model it
    /// is.
    static func colours(
        _ unit: FoldedCircuit.Unit, _ drawing: CircuitDrawing
    ) -> (fill: String, border: String) {
        if let index = unit.role.flatMap(drawing.roleNames.firstIndex) {
            let colour = RoleColour.box(index)
            return (colour.fill.hex, colour.border.hex)
        }
        // Where roles are coloured, what has none is grey.
        if !drawing.roleNames.isEmpty { return ("#f2f2f2", "#999999") }
        switch unit.address?.role {
        case .attention: return ("#dfeaf5", "#7f9dbd")
        case .keyValueHead: return ("#eef3e2", "#a3b57c")
        case .mlp: return ("#fbe8d3", "#cfa06a")
        case .input, .logits, nil: return ("#eeeeee", "#999999")
        }
    }
}
