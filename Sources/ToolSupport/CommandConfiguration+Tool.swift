package import ArgumentParser

/// The version of the toolkit, the same for all of its executables.
package enum ToolVersion {
    /// A semantic version, recorded in the provenance of every artifact.
    package static let current = "0.1.0"
}

extension CommandConfiguration {
    /// The configuration of an executable: its name, its version, and a help text that ends with
    /// command lines to copy.
    ///
    /// - Parameters:
    ///   - name: The executable's name, `circuit-show`.
    ///   - abstract: What it does, in one line.
    ///   - discussion: What a user needs to know beyond the options.
    ///   - examples: Command lines, most usual first; at least one shows a pipeline.
    package static func tool(
        _ name: String, abstract: String, discussion: String = "", examples: [String]
    ) -> CommandConfiguration {
        var text = discussion.isEmpty ? "" : discussion + "\n\n"
        text += "EXAMPLES:\n" + examples.map { "  " + $0 }.joined(separator: "\n")
        return CommandConfiguration(
            commandName: name, abstract: abstract, discussion: text,
            version: "\(name) (CircuitTools) \(ToolVersion.current)")
    }
}
