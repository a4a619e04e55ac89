package import Basics

/// Graphviz's program `dot`, which computes the layout of a graph.
package enum Graphviz {
    /// The SVG drawing of the graph that `dot` describes in DOT.
    ///
    /// - Throws: ``Failure``: missing input where Graphviz isn't installed, I/O where it fails.
    package static func svg(dot source: String) throws(Failure) -> String {
        let program = ExternalProgram(
            command: ["dot", "-Tsvg"],
            missing: Failure(
                .missingInput,
                "Graphviz isn't installed, and its dot lays circuits out; install it "
                    + "(apt-get install graphviz), or use --dot and lay the graph out elsewhere"))
        return String(decoding: try program.output(from: source), as: UTF8.self)
    }
}
