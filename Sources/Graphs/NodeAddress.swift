/// The name of a node or receiver, taken apart: `a3.h7<q>` is the query input of head 7 in layer 3.
///
/// Names are those of the MIB benchmark's circuit files, extended by grouped key-value heads
/// (`a3.kv1<k>`), whole attention blocks (`a3`), neurons (`m3.n512`) and positions (`a3.h7@12`).
package struct NodeAddress: Hashable, Sendable {
    /// What part of the model a node is.
    package enum Role: Int, Hashable, Sendable, Comparable {
        /// The embeddings and positions.
        case input
        /// A key-value head, which several query heads share.
        case keyValueHead
        /// An attention head, or a whole attention block where ``NodeAddress/head`` is nil.
        case attention
        /// An MLP.
        case mlp
        /// The logits.
        case logits

        /// In the order of computation within a layer.
        package static func < (first: Role, second: Role) -> Bool {
            first.rawValue < second.rawValue
        }
    }

    /// What part of the model it is.
    package var role: Role
    /// The layer; nil for `input` and `logits`.
    package var layer: Int?
    /// The query head, or the key-value head.
    package var head: Int?
    /// The input of an attention head that a receiver is: `q`, `k` or `v`.
    package var slot: Character?
    /// The neuron, at the level of neurons.
    package var neuron: Int?
    /// The position, at the level of positions.
    package var position: Int?

    /// An address by its parts; ``layer`` is needed for all roles but `input` and `logits`.
    package init(
        _ role: Role, layer: Int? = nil, head: Int? = nil, slot: Character? = nil
    ) {
        self.role = role
        self.layer = layer
        self.head = head
        self.slot = slot
    }

    /// The name that it is taken from: `a3.h7<q>@12`.
    package var name: String {
        let layer = layer.map(String.init) ?? ""
        var name =
            switch role {
            case .input: "input"
            case .logits: "logits"
            case .mlp: "m" + layer
            case .attention, .keyValueHead: "a" + layer
            }
        if let head { name += role == .keyValueHead ? ".kv\(head)" : ".h\(head)" }
        if let neuron { name += ".n\(neuron)" }
        if let slot { name += "<\(slot)>" }
        if let position { name += "@\(position)" }
        return name
    }

    /// The address that `name` writes; nil if it isn't one.
    package init?(_ name: String) {
        var rest = Substring(name)
        if let at = rest.lastIndex(of: "@") {
            guard let position = Self.number(rest[rest.index(after: at)...]) else { return nil }
            self.position = position
            rest = rest[..<at]
        }
        if rest.last == ">", let open = rest.lastIndex(of: "<") {
            let slot = rest[rest.index(after: open)...].dropLast()
            guard slot == "q" || slot == "k" || slot == "v" else { return nil }
            self.slot = slot.first
            rest = rest[..<open]
        }
        if rest == "input" || rest == "logits" {
            role = rest == "input" ? .input : .logits
            return
        }
        var parts = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = parts.first, let layer = Self.number(first.dropFirst()) else {
            return nil
        }
        self.layer = layer
        parts.removeFirst()
        switch first.first {
        case "a": role = .attention
        case "m": role = .mlp
        default: return nil
        }
        for part in parts {
            if let number = Self.number(part, after: "kv"), role == .attention, head == nil {
                role = .keyValueHead
                head = number
            } else if let number = Self.number(part, after: "h"), role == .attention, head == nil {
                head = number
            } else if let number = Self.number(part, after: "n") {
                neuron = number
            } else {
                return nil
            }
        }
    }

    private static func number(_ part: Substring, after prefix: String) -> Int? {
        part.hasPrefix(prefix) ? number(part.dropFirst(prefix.count)) : nil
    }

    /// A number of digits alone.
    private static func number(_ digits: Substring) -> Int? {
        digits.allSatisfy { $0.isASCII && $0.isNumber } ? Int(digits) : nil
    }

    /// The role as summaries write it: `input`, `head`, `attention`, `kv`, `mlp` or `logits`; for a
    /// receiver of attention the slot, `q`, `k` or `v`.
    package var roleName: String {
        if let slot { return String(slot) }
        switch role {
        case .input: return "input"
        case .keyValueHead: return "kv"
        case .attention: return head == nil ? "attention" : "head"
        case .mlp: return "mlp"
        case .logits: return "logits"
        }
    }
}
