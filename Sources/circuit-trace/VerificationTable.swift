import Discovery
import Graphs

/// What `--verify` prints: a line a feature, predicted effects beside measured ones.
struct VerificationTable {
    let prompt: TracedPrompt
    let graph: FeatureGraph
    let features: [VerifiedFeature]
    /// The first target as text; nil where that isn't known.
    let targetText: String?

    init(
        prompt: TracedPrompt, _ graph: FeatureGraph, _ features: [VerifiedFeature],
        targetText: String?
    ) {
        self.prompt = prompt
        self.graph = graph
        self.features = features
        self.targetText = targetText
    }

    var text: String {
        let target =
            graph.name(of: graph.targetNodes.lowerBound) + (targetText.map { ", \($0)" } ?? "")
        let heads = [
            "feature", "influence", "targets", "largest gap", "predicted", "direct",
            "frozen-attention", "open",
        ]
        let rows = features.map { feature in
            [
                feature.name, Self.figure(feature.influence), "\(feature.targetCount)",
                Self.figure(Double(feature.largestGap)), Self.figure(Double(feature.predicted)),
                Self.figure(Double(feature.direct)),
                Self.figure(Double(feature.frozenAttention)), Self.figure(Double(feature.open)),
            ]
        }
        let widths = heads.indices.map { column in
            ([heads] + rows).map { $0[column].count }.max() ?? 0
        }
        let lines = ([heads] + rows).map { cells in
            "  "
                + zip(cells, widths).enumerated().map { column, cell in
                    let space = String(repeating: " ", count: cell.1 - cell.0.count)
                    return column == 0 ? cell.0 + space : space + cell.0
                }.joined(separator: "  ")
        }
        return
            ([
                "\(prompt.name): features ablated one by one. Largest gap: between the graph's edges and "
                    + "direct effects measured at all targets; then the change of \(target)"
            ] + lines).joined(separator: "\n")
    }

    /// Four digits, or a power of ten for what is tiny.
    private static func figure(_ value: Double) -> String {
        guard value != 0, abs(value) < 1e-4 else {
            return "\((value * 10_000).rounded() / 10_000)"
        }
        var (mantissa, power) = (value, 0)
        while abs(mantissa) < 1 {
            mantissa *= 10
            power -= 1
        }
        return "\((mantissa * 10).rounded() / 10)e\(power)"
    }
}
