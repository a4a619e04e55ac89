import ArgumentParser

/// The options that a command line really has, as opposed to those left at their defaults: by them a
/// tool refuses an option that what it was asked to do has no use for, instead of ignoring it.
///
/// An option with a default is declared with it (`var metric = Metric.kl`), so that `--help` shows
/// the default and nothing else has to know it. Then its value doesn't tell whether it was given, and
/// swift-argument-parser has no means to ask: that is what this type is for, which reads the command
/// line a second time. An option is declared optional where its absence has a meaning of its own,
/// such as "that of the artifact", or where its help words the default; nil then says that it wasn't
/// given.
///
/// Command lines in provenance are read in the same way.
///
/// Where what is done uses few options, ``requireOnly(_:because:)`` lists them, so that an option
/// that the tool gets later is refused there too; ``refuse(_:because:)`` names single ones.
package struct GivenOptions: Sendable {
    /// Those of this process.
    package static let ofThisRun = GivenOptions(Array(CommandLine.arguments.dropFirst()))

    /// The long names, without dashes, in the order given, each with what follows it.
    private let options: [(name: String, value: String?)]

    /// The options among `arguments`: what begins with a dash, up to `--`.
    package init(_ arguments: [String]) {
        var options: [(name: String, value: String?)] = []
        let arguments = Array(arguments.prefix { $0 != "--" })
        for (index, argument) in arguments.enumerated() where argument.hasPrefix("-") {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard let head = parts.first, head.count > 1 else { continue }
            let next = index + 1 < arguments.count ? arguments[index + 1] : nil
            let value = parts.count > 1 ? parts[1] : next
            if head.hasPrefix("--") {
                options.append((String(head.dropFirst(2)), value))
            } else {
                // Flags may stand together: -qv. A number such as -1 is no option.
                options += head.compactMap { Self.shortNames[$0] }.map { ($0, value) }
            }
        }
        self.options = options
    }

    /// The options of one letter, which mean the same in every tool.
    private static let shortNames: [Character: String] = [
        "m": "method", "n": "count", "o": "output", "q": "quiet", "t": "threshold", "v": "verbose",
    ]

    /// What every use takes.
    private static let common: Set = ["output", "quiet", "verbose"]

    /// Whether the option of this long name was given.
    package func contains(_ name: String) -> Bool { options.contains { $0.name == name } }

    /// What was last given for an option.
    package func value(of name: String) -> String? { options.last { $0.name == name }?.value }

    /// Refuses every option but these and `--output`, `--quiet` and `--verbose`.
    ///
    /// - Parameter reason: why others have no use: `a drawing shows no tables`.
    package func requireOnly(_ names: Set<String>, because reason: String) throws {
        try refuse(reason) { !names.contains($0) && !Self.common.contains($0) }
    }

    /// Refuses these options.
    ///
    /// - Parameter reason: why they have no use: `the method exact takes no steps`.
    package func refuse(_ names: Set<String>, because reason: String) throws {
        try refuse(reason) { names.contains($0) }
    }

    private func refuse(_ reason: String, _ isUseless: (String) -> Bool) throws {
        guard let option = options.first(where: { isUseless($0.name) }) else { return }
        throw ValidationError("--\(option.name) has no use here: \(reason)")
    }
}
