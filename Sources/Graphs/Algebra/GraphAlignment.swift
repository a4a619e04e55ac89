package import Artifacts

/// Which nodes and receivers of two graphs are held for the same.
///
/// Graphs of the same shape are aligned by name: `a3.h7` is `a3.h7`; of one model's graph at two levels
/// the finer is folded onto the coarser. Where the shapes differ no head
/// of one model is any particular head of the other, so both are folded onto a common, coarser
/// graph: as many depths as the shallower model has layers, and at each depth one attention block
/// and one MLP. An edge of the common graph is in a circuit if any edge folded onto it is.
package struct GraphAlignment: Hashable, Sendable {
    /// How the graphs were aligned.
    package enum Method: String, Hashable, Sendable {
        /// Node by node, by name.
        case name
        /// By relative depth and role.
        case relativeDepth = "relative-depth"
        /// Heads by the part that they play, MLPs by relative depth.
        case role
    }

    /// The common name of each node and receiver of one graph; nil where it has none.
    package struct Names: Hashable, Sendable {
        /// As the graph's `nodes`. Shape `[node]`.
        package var nodes: [String?]
        /// As the graph's `receivers`. Shape `[receiver]`.
        package var receivers: [String?]
    }

    /// How the graphs were aligned.
    package var method: Method
    /// What was and what wasn't aligned, in sentences for a person.
    package var statement: [String]
    /// The first graph's names in the common graph.
    package var first: Names
    /// The second graph's names in the common graph.
    package var second: Names
    /// Which heads were matched, where they were aligned by role.
    package var matching: HeadMatching?

    /// Aligns two graphs, by name if their shapes agree, else by relative depth and role.
    package init(_ first: GraphTable, _ second: GraphTable) {
        self = Self.byName(first, second) ?? Self.byDepth(first, second)
    }

    init(
        method: Method, statement: [String], first: Names, second: Names,
        matching: HeadMatching? = nil
    ) {
        self.method = method
        self.statement = statement
        self.first = first
        self.second = second
        self.matching = matching
    }
}

extension GraphAlignment {
    /// The alignment by name, or nil where the shapes differ.
    package static func byName(_ first: GraphTable, _ second: GraphTable) -> GraphAlignment? {
        func unchanged(_ graph: GraphTable) -> Names {
            Names(nodes: graph.nodes, receivers: graph.receivers)
        }
        if first.nodes == second.nodes && first.receivers == second.receivers {
            return GraphAlignment(
                method: .name, statement: ["The graphs have the same nodes: aligned by name."],
                first: unchanged(first), second: unchanged(second))
        }
        guard first.nodes == second.nodes, first.level == second.level,
            first.nKeyValueHeads == second.nKeyValueHeads,
            first.ungroupedKeyValue != second.ungroupedKeyValue
        else { return byCoarserLevel(first, second) }
        // One graph has k and v receivers per query head, the other per key-value head.
        return GraphAlignment(
            method: .name,
            statement: [
                "The graphs have the same nodes: aligned by name.",
                "One has k and v inputs for each query head, the other for each key-value head: "
                    + "those of a group of query heads are held for their key-value head's.",
            ],
            first: grouped(first), second: grouped(second))
    }

    /// Names in which the k and v inputs of query heads are those of their key-value head.
    private static func grouped(_ graph: GraphTable) -> Names {
        let receivers = graph.receivers.map { name -> String in
            guard var address = NodeAddress(name), address.role == .attention,
                let head = address.head, let slot = address.slot, slot != "q"
            else { return name }
            address.role = .keyValueHead
            address.head = graph.keyValueHead(ofHead: head)
            return address.name
        }
        return Names(nodes: graph.nodes, receivers: receivers)
    }

    /// The alignment by relative depth and role.
    package static func byDepth(_ first: GraphTable, _ second: GraphTable) -> GraphAlignment {
        let depths = max(1, min(first.nLayers, second.nLayers))
        let firstNames = folded(first, to: depths)
        let secondNames = folded(second, to: depths)
        var statement = [
            (byName(first, second) == nil
                ? "The graphs differ in shape (\(shape(of: first)) against \(shape(of: second))): "
                : "The graphs (\(shape(of: first))): ") + "aligned by relative depth and role.",
            "Each depth's attention block (with its q, k and v) and MLP are compared as one node; "
                + "single heads were not aligned, since none has a counterpart.",
        ]
        if first.nLayers != second.nLayers {
            statement.append(layerStatement(first.nLayers, second.nLayers, depths: depths))
            statement.append(
                "Layers below are numbered as the \(depths == first.nLayers ? "first" : "second")'s, "
                    + "which has fewer.")
        }
        if first.level != second.level || first.level == "neuron" || first.isByPosition {
            statement.append("Neurons and positions were folded into their nodes.")
        }
        for (graph, names, side) in [(first, firstNames, "first"), (second, secondNames, "second")]
        {
            let lost = zip(graph.nodes, names.nodes).filter { $0.1 == nil }.map(\.0)
            if !lost.isEmpty {
                statement.append(
                    "Not aligned, of the \(side): \(lost.prefix(10).joined(separator: ", "))"
                        + (lost.count > 10 ? " and \(lost.count - 10) more." : "."))
            }
        }
        return GraphAlignment(
            method: .relativeDepth, statement: statement, first: firstNames, second: secondNames)
    }

    private static func folded(_ graph: GraphTable, to depths: Int) -> Names {
        func fold(_ name: String) -> String? {
            guard let address = NodeAddress(name) else { return nil }
            guard let layer = address.layer else { return address.roleName }
            guard (0..<max(1, graph.nLayers)).contains(layer) else { return nil }
            return NodeAddress(
                address.role == .mlp ? .mlp : .attention,
                layer: depth(ofLayer: layer, of: graph.nLayers, depths: depths),
                slot: address.slot
            ).name
        }
        return Names(nodes: graph.nodes.map(fold), receivers: graph.receivers.map(fold))
    }

    /// The depth, of `depths` equal ones, that the middle of a layer falls into.
    static func depth(ofLayer layer: Int, of nLayers: Int, depths: Int) -> Int {
        (2 * layer + 1) * depths / (2 * max(1, nLayers))
    }

    static func shape(of graph: GraphTable) -> String {
        "\(graph.nLayers) layers of \(graph.nHeads) heads, level \(graph.level)"
    }

    static func layerStatement(_ first: Int, _ second: Int, depths: Int) -> String {
        func layers(_ count: Int, at wanted: Int) -> String {
            let found = (0..<count).filter {
                depth(ofLayer: $0, of: count, depths: depths) == wanted
            }
            guard let low = found.first, let high = found.last else { return "none" }
            return low == high ? "\(low)" : "\(low)-\(high)"
        }
        let pairs = (0..<depths).map { "\(layers(first, at: $0))~\(layers(second, at: $0))" }
        return "Layers held for the same depth: " + pairs.joined(separator: ", ") + "."
    }
}
