package import Basics
package import Engine
package import Models

/// Hook names chosen by patterns, as a shell chooses files: `blocks.*.attn.hook_z`.
package enum HookSelection {
    /// The hook points of a model whose name fits one of `patterns`, in order of computation; `*`,
    /// `?` and `[..]` mean what they mean in a shell, and `*` passes over dots.
    ///
    /// - Throws: `Failure` (usage) for a pattern that no hook name of the model fits.
    package static func points(
        matching patterns: [String], in configuration: ModelConfiguration
    ) throws(Failure) -> [HookPoint] {
        let all = HookPoint.all(of: configuration)
        let chosen = try NamePattern.matches(of: patterns, among: all.map(\.name)) { pattern in
            let names = all.filter { $0.isExample }.map(\.name).joined(separator: ", ")
            return "the model has no hook named '\(pattern)'; there are, for each of its "
                + "\(configuration.nLayers) layers: \(names)"
        }
        return chosen.map { all[$0] }
    }

    /// The hook points that hold every sender's output: all that a search for circuits needs.
    package static func senders(of configuration: ModelConfiguration) -> [HookPoint] {
        let senders = SenderOutputs.hookPoints(nLayers: configuration.nLayers)
        return HookPoint.all(of: configuration).filter(senders.contains)
    }
}

extension HookPoint {
    /// Whether it stands for its like in a list for people: of the layers only the first.
    fileprivate var isExample: Bool {
        switch self {
        case .block(let layer, _): layer == 0
        default: true
        }
    }
}
