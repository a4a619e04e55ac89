package import Artifacts
package import Basics
import Engine
package import Experiments

/// Where in a prompt something is patched: at all positions together, or at some one by one.
package struct PatchPositions: Hashable, Sendable {
    /// The label of each position: `all`, a number, or a name.
    package let labels: [String]
    /// The number of each position in each prompt, `[pair, label]`, -1 where a pair has none; nil for all together.
    let columns: DenseArray<Int32>?

    /// All positions together.
    package static let together = PatchPositions(labels: ["all"], columns: nil)

    private init(labels: [String], columns: DenseArray<Int32>?) {
        self.labels = labels
        self.columns = columns
    }

    /// Some positions one by one.
    /// - Throws: `Failure` (usage) for positions that the dataset hasn't.
    package init(
        _ selection: PositionSelection, in dataset: DatasetArtifact
    ) throws(Failure) {
        labels = try selection.labels(in: dataset)
        columns = try selection.positions(in: dataset)
    }

    /// The patches of a component: one a position and pair, where the pair has the position.
    func jobs(_ component: Int, _ layout: RowLayout) -> [PatchJob] {
        labels.indices.flatMap { label in
            (0..<layout.promptCount).compactMap { pair in
                let range: Range<Int>
                if let columns {
                    let position = Int(columns.values[pair * labels.count + label])
                    if position < 0 { return nil }
                    range = position..<position + 1
                } else {
                    range = 0..<layout.length(pair)
                }
                return PatchJob(component: component, label: label, pair: pair, positions: range)
            }
        }
    }
}
