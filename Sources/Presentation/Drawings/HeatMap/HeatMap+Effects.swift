package import Artifacts
package import Basics
import Graphs

extension HeatMap {
    /// The usual heat map of patching effects: layer by head where heads were patched at all positions
    /// at once, otherwise component by position. A position is labelled with its token where all pairs
    /// have the same there, with the dataset's name for it, or with its number.
    ///
    /// - Throws: ``Failure`` (bad data) where effects that are to be normalised can't be.
    package init(
        _ effects: PatchEffectsArtifact, _ options: Options = Options()
    ) throws(Failure) {
        let shown = options.isNormalized ? try effects.normalizedEffects() : effects.effects
        self.init(
            title: options.title
                ?? "\(effects.model.name): \(effects.site) patched, \(effects.directionInWords)",
            valueName: options.isNormalized
                ? "\(MetricName.label(of: effects.metric)), 0 corrupted, 1 clean"
                : "change of \(MetricName.label(of: effects.metric))",
            rows: Axis(name: "component", labels: effects.components),
            columns: Axis(name: "position", labels: effects.positionLabels),
            values: effects.components.indices.map { Array(shown[row: $0]) })
        self.options = options
        if options.isNormalized, effects.direction == "corrupted-into-clean" { neutral = 1 }
        if effects.positions.count == 1 {
            arrangeByHead(effects, shown.values)
        } else if Set(effects.layers).count == effects.layers.count,
            effects.layers.allSatisfy({ $0 >= 0 })
        {
            rows = Axis(name: "layer", labels: effects.layers.map(String.init))
        }
    }

    /// Rearranges a single column as a table of layer by head, if its components are all heads.
    private mutating func arrangeByHead(_ effects: PatchEffectsArtifact, _ shown: [Float]) {
        let addresses = effects.components.compactMap(NodeAddress.init)
        guard addresses.count == effects.components.count,
            let last = addresses.compactMap(\.layer).max(),
            let widest = addresses.compactMap(\.head).max(), last < 4096, widest < 4096,
            addresses.allSatisfy({ $0.layer != nil && $0.head != nil && $0.role == .attention })
        else { return }
        var table = [[Float]](
            repeating: [Float](repeating: .nan, count: widest + 1), count: last + 1)
        for (address, value) in zip(addresses, shown) {
            if let layer = address.layer, let head = address.head { table[layer][head] = value }
        }
        rows = Axis(name: "layer", labels: (0...last).map(String.init))
        columns = Axis(name: "head", labels: (0...widest).map(String.init))
        values = table
    }
}

extension PatchEffectsArtifact {
    /// The direction as `--direction` names it, and what that is.
    var directionInWords: String {
        switch direction {
        case "corrupted-into-clean": "noising (corrupted into clean)"
        case "clean-into-corrupted": "denoising (clean into corrupted)"
        default: direction
        }
    }

    /// The label of each position: its token, its name, both, or the label that it was chosen by.
    var positionLabels: [String] {
        positions.indices.map { index in
            let token = tokens.map { tokenLabel($0[index]) } ?? ""
            let name = positionNames.map { $0[index] } ?? ""
            if token.isEmpty {
                // Among tokens a number could be one.
                let isNumber = tokens != nil && Int(positions[index]) != nil
                return name.isEmpty ? (isNumber ? "@" : "") + positions[index] : name
            }
            return name.isEmpty ? token : "\(token) (\(name))"
        }
    }

    /// The effects as shares of the difference that the corruption makes: 0 is the corrupted run, 1 the
    /// clean one: `(metric with the patch - corrupted) / (clean - corrupted)`, each the mean over the
    /// pairs that have the position. Shape `[component, position]`.
    ///
    /// - Throws: ``Failure`` (bad data) where clean and corrupted runs don't differ.
    package func normalizedEffects() throws(Failure) -> DenseArray<Float> {
        let isNoising = direction == "corrupted-into-clean"
        var normalized = effects
        for index in effects.values.indices {
            let pairs = cleanMetric.indices.filter { pair in
                perPair.map { !$0.values[index * cleanMetric.count + pair].isNaN } ?? true
            }
            guard !pairs.isEmpty, !effects.values[index].isNaN else {
                normalized.values[index] = .nan
                continue
            }
            let count = Double(pairs.count)
            let clean = pairs.reduce(0) { $0 + cleanMetric[$1] } / count
            let corrupted = pairs.reduce(0) { $0 + corruptedMetric[$1] } / count
            guard abs(clean - corrupted) > 1e-9 * max(abs(clean), abs(corrupted)) else {
                throw Failure(
                    .badData,
                    "the effects can't be normalised: \(metric) is \(clean) on clean and corrupted "
                        + "prompts alike")
            }
            let patched = (isNoising ? clean : corrupted) + Double(effects.values[index])
            normalized.values[index] = Float((patched - corrupted) / (clean - corrupted))
        }
        return normalized
    }
}

/// A token as a label: without the space before it, which most tokens have; `␣` for spaces alone.
func tokenLabel(_ text: String) -> String {
    let word = text.drop { $0 == " " }
    return (word.isEmpty ? String(repeating: "␣", count: text.count) : String(word)).printable
}
