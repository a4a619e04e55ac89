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

    /// The text of the token at each position, where all clean prompts have the same; empty otherwise.
    let tokens: [String]?
    /// The dataset's name of each position, where all pairs have it there; empty otherwise.
    let names: [String]?

    private init(labels: [String], columns: DenseArray<Int32>?) {
        self.labels = labels
        self.columns = columns
        (tokens, names) = (nil, nil)
    }

    /// Some positions one by one.
    /// - Throws: `Failure` (usage) for positions that the dataset hasn't.
    package init(
        _ selection: PositionSelection, in dataset: DatasetArtifact
    ) throws(Failure) {
        labels = try selection.labels(in: dataset)
        let columns = try selection.positions(in: dataset)
        self.columns = columns
        let pairs = 0..<dataset.pairCount
        func column(_ label: Int) -> [Int] {
            pairs.map { Int(columns.values[$0 * columns.shape[1] + label]) }
        }
        names = labels.indices.map { label in
            let places = column(label).map { Int32($0) }
            let fitting = dataset.positions.filter { $0.value == places && !places.contains(-1) }
            return fitting.keys.sorted().joined(separator: ", ")
        }
        tokens =
            dataset.tokenTexts.isEmpty
            ? nil
            : labels.indices.map { label in
                let ids = Set(
                    zip(pairs, column(label)).compactMap { pair, place in
                        place < 0 ? nil : dataset.clean.ids[pair][place]
                    })
                return ids.count == 1 ? ids.first.flatMap { dataset.tokenTexts[$0] } ?? "" : ""
            }
    }

    /// The named positions of a dataset one by one, in the order in which the first pair has them.
    /// - Throws: `Failure` (usage) for a dataset that names none.
    package init(namedIn dataset: DatasetArtifact) throws(Failure) {
        let names = dataset.positions.keys.sorted {
            (dataset.positions[$0]?.first ?? -1, $0) < (dataset.positions[$1]?.first ?? -1, $1)
        }
        guard !names.isEmpty else {
            throw Failure(.usage, "the dataset names no positions; give --positions each or a list")
        }
        try self.init(PositionSelection(names.joined(separator: ",")), in: dataset)
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
