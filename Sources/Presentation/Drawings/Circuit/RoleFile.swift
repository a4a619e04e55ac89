import Artifacts
package import Basics
import FoundationEssentials

/// Roles of nodes from a JSON file of one object: each role with the names or patterns of its nodes,
/// `{"name mover": ["a9.h9", "a10.h*"]}`.
package struct RoleFile: Hashable, Sendable {
    /// The file's name, for errors.
    let name: String
    /// The patterns of each role.
    let patterns: [String: [String]]

    /// Reads a file.
    ///
    /// - Throws: ``Failure``: missing input where there is no such file, bad data where it isn't such an
    ///   object.
    package init(path: String) throws(Failure) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.missingInput, "\(path): can't be read; give a JSON file of roles")
        }
        do {
            patterns = try JSONDecoder().decode([String: [String]].self, from: data)
        } catch {
            throw Failure(
                .badData,
                "\(path): it isn't a JSON object of roles with lists of nodes, such as "
                    + "{\"name mover\": [\"a9.h9\", \"a10.h*\"]}")
        }
        name = path
    }

    /// The role of each node of a graph that has one, by the node's name.
    ///
    /// - Throws: ``Failure`` (bad data) for a pattern that no node fits, and for a node of two roles.
    func roles(in graph: GraphTable) throws(Failure) -> [String: String] {
        var roles: [String: String] = [:]
        for (role, patterns) in patterns.sorted(by: { $0.key < $1.key }) {
            let nodes: [Int]
            do {
                nodes = try NamePattern.matches(of: patterns, among: graph.nodes) {
                    "\(name): no node of the graph is named '\($0)'; they are named such as "
                        + "\(graph.nodes.dropFirst().first ?? "a0.h0")"
                }
            } catch {
                throw Failure(.badData, error.description)
            }
            for node in nodes.map({ graph.nodes[$0] }) {
                if let other = roles[node], other != role {
                    throw Failure(
                        .badData, "\(name): \(node) has two roles, \(other) and \(role)")
                }
                roles[node] = role
            }
        }
        return roles
    }
}
