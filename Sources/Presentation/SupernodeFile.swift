import Artifacts
package import Basics
import FoundationEssentials
package import Graphs
import Yams

/// Supernodes from a JSON or YAML file of one object: each group with the names or patterns of its nodes,
/// `{"Texas": ["m1.f17@5", "m2.f3@*"]}`.
package struct SupernodeFile: Hashable, Sendable {
    /// A group as the file has it.
    private struct Group: Hashable, Sendable {
        var name: String
        var patterns: [String]
    }

    private let path: String
    private let groups: [Group]

    /// Reads a file. JSON is YAML, too.
    ///
    /// - Throws: ``Failure``: missing input where there is no such file, bad data where it isn't such an
    ///   object.
    package init(path: String) throws(Failure) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(
                .missingInput, "\(path): can't be read; give a JSON or YAML file of supernodes")
        }
        // Yams keeps the order of a mapping's keys, which a dictionary doesn't.
        guard let text = String(validating: data, as: UTF8.self),
            let root = try? Yams.compose(yaml: text), let mapping = root.mapping
        else { throw Self.malformed(path) }
        var groups: [Group] = []
        for (key, value) in mapping {
            let patterns = value.sequence?.map(\.string)
            guard let name = key.string, let patterns, !patterns.isEmpty,
                !patterns.contains(where: { $0 == nil })
            else { throw Self.malformed(path) }
            if groups.contains(where: { $0.name == name }) {
                throw Failure(.badData, "\(path): it has two groups named '\(name)'")
            }
            groups.append(Group(name: name, patterns: patterns.compactMap { $0 }))
        }
        if groups.isEmpty { throw Self.malformed(path) }
        self.path = path
        self.groups = groups
    }

    private static func malformed(_ path: String) -> Failure {
        Failure(
            .badData,
            "\(path): it isn't a JSON or YAML object of groups with lists of nodes, such as "
                + "{\"Texas\": [\"m1.f17@5\", \"m2.f3@*\"]}")
    }

    /// The groups of a graph's nodes.
    ///
    /// - Throws: ``Failure`` (bad data) for a name that no node has, and for a node of two groups.
    package func supernodes(of graph: PromptGraph) throws(Failure) -> [Supernode] {
        var groupOf: [Int: String] = [:]
        var supernodes: [Supernode] = []
        for group in groups {
            let members: [Int]
            do {
                members = try graph.nodes(named: group.patterns)
            } catch {
                throw Failure(.badData, "\(path): \(error.description)")
            }
            for member in members {
                if let other = groupOf.updateValue(group.name, forKey: member) {
                    throw Failure(
                        .badData,
                        "\(path): \(graph.artifact.nodes.names[member]) is in two groups, "
                            + "'\(other)' and '\(group.name)'")
                }
            }
            supernodes.append(Supernode(name: group.name, members: members))
        }
        return supernodes
    }
}
