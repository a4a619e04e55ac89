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
            let meant = nearest(to: pattern, among: all).map { "; did you mean '\($0)'?" }
            return "the model has no hook named '\(pattern)'\(meant ?? ""); there are, for each of "
                + "its \(configuration.nLayers) layers: \(names)"
        }
        return chosen.map { all[$0] }
    }

    /// The name that a pattern which fits none was probably meant to be: near it in spelling, or with
    /// the same last part (`blocks.0.hook_z`).
    private static func nearest(to pattern: String, among points: [HookPoint]) -> String? {
        let names = points.map(\.name)
        let ofAllLayers: [String] = points.compactMap {
            if case .block(0, let point) = $0 { "blocks.*.\(point.rawValue)" } else { nil }
        }
        let candidates = pattern.contains("*") ? ofAllLayers + names : names + ofAllLayers
        if let name = Spelling.nearest(to: pattern, among: candidates) { return name }
        let parts = pattern.split(separator: ".")
        guard let last = parts.last, !last.contains("*") else { return nil }
        let isOfLayer = parts.count > 2 && parts[0] == "blocks"
        return candidates.first {
            let own = $0.split(separator: ".")
            return own.last == last && (!isOfLayer || own.starts(with: parts.prefix(2)))
        }
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
