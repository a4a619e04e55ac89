import Artifacts
package import Engine
package import Experiments
import Models

/// The rows of a batch of pairs in which a change can matter to the metric.
///
/// A change starts where a pair's clean and ablated activations first differ, and the metric reads
/// the last position; with causal attention nothing outside of that is ever computed again. Some
/// nodes matter at the last position only (`end`): those that no key or value depends on.
package struct ActiveRows: Sendable {
    /// Which of the active rows of a pair a node is computed at.
    package enum Extent: Int, Comparable, Sendable {
        /// The last one, where the metric reads.
        case end
        /// All of them.
        case all

        package static func < (a: Extent, b: Extent) -> Bool { a.rawValue < b.rawValue }
    }

    /// The active positions of each pair; they end with its last position.
    package let positions: [Range<Int>]
    /// How active rows are packed.
    package let all: RowLayout
    /// How the end rows are packed: one a pair.
    package let end: RowLayout
    /// How the positions that attention can see are packed: all of them, from the first on.
    package let context: RowLayout
    /// The position of each active row.
    package let positionOfRow: Buffer<Int32>
    /// How many keys the query at each active row sees.
    package let visibleToRow: Buffer<Int32>
    /// The pairs cut into pieces that are computed one by one, by any thread. They depend on the
    /// dataset alone, so that results don't depend on the number of threads.
    package let pieces: [Range<Int>]

    /// How many pairs a piece has, if that was asked for.
    private let pairsPerPiece: Int?

    /// The same where only the last position of a pair is computed: fewer, so that the weights that
    /// a piece reads serve several rows.
    private let endPieces: [Range<Int>]

    /// The rows of an experiment's pairs, in pieces of `pairsPerPiece` or, by default, in eight.
    package init(_ experiment: Experiment, pairsPerPiece: Int? = nil) {
        let (layout, dataset) = (experiment.clean.layout, experiment.dataset)
        let lengths = (0..<layout.promptCount).map(layout.length)
        // Other ablations than resampling change every position, and without causal attention a
        // change is seen everywhere.
        let isLocal =
            experiment.transformer.configuration.isCausal && experiment.ablation == .resample
        let firstChange = lengths.indices.map { pair in
            guard isLocal else { return 0 }
            let (a, b) = (dataset.clean.ids[pair], dataset.corrupted.ids[pair])
            return zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset
                ?? lengths[pair]
        }
        self.init(
            lengths: lengths, firstChange: firstChange, transformer: experiment.transformer,
            pairsPerPiece: pairsPerPiece)
    }

    /// The rows of pairs whose first changes are at `firstChange`, in pieces of `pairsPerPiece` or,
    /// by default, in eight.
    package init(
        lengths: [Int], firstChange: [Int], transformer: Transformer, pairsPerPiece: Int? = nil
    ) {
        self.pairsPerPiece = pairsPerPiece
        positions = zip(lengths, firstChange).map { length, first in
            min(first, length - 1)..<length
        }
        all = RowLayout(lengths: positions.map(\.count))
        end = RowLayout(lengths: lengths.map { _ in 1 })
        context = RowLayout(lengths: lengths)
        let rows = RowPositions(positions, ofLengths: lengths, in: transformer)
        (positionOfRow, visibleToRow) = (rows.positions, rows.visibleKeys)
        let pieceCount =
            pairsPerPiece.map { (lengths.count + $0 - 1) / $0 } ?? min(8, lengths.count)
        func cut(into count: Int) -> [Range<Int>] {
            (0..<count).map { lengths.count * $0 / count..<lengths.count * ($0 + 1) / count }
        }
        pieces = cut(into: pieceCount)
        endPieces = cut(into: min(pieceCount, (lengths.count + 7) / 8))
    }

    /// These rows without those before a position, of each pair at least the last: what changes where
    /// an edge is cut at that position.
    func starting(at position: Int, in transformer: Transformer) -> ActiveRows {
        ActiveRows(
            lengths: positions.map(\.upperBound),
            firstChange: positions.map { max($0.lowerBound, position) }, transformer: transformer,
            pairsPerPiece: pairsPerPiece)
    }

    /// The pieces for computing at most at the rows of an extent.
    package func pieces(for extent: Extent) -> [Range<Int>] { extent == .all ? pieces : endPieces }

    /// The layout of the rows of an extent.
    package func layout(_ extent: Extent) -> RowLayout { extent == .all ? all : end }

    /// The number of rows of an extent in the pairs of a piece.
    package func count(_ extent: Extent, _ pairs: Range<Int>) -> Int {
        let layout = layout(extent)
        return layout.starts[pairs.upperBound] - layout.starts[pairs.lowerBound]
    }

    /// Where in an array over all context rows the rows of an extent of a pair start.
    package func firstContextRow(_ extent: Extent, _ pair: Int) -> Int {
        context.starts[pair + 1] - layout(extent).length(pair)
    }

    /// Where in an array over all active rows the last `count` rows of a pair start.
    func firstActiveRow(ofLast count: Int, _ pair: Int) -> Int { all.starts[pair + 1] - count }

    /// Where in an array over all active rows the rows of an extent of a pair start.
    package func firstActiveRow(_ extent: Extent, _ pair: Int) -> Int {
        extent == .all ? all.starts[pair] : all.starts[pair + 1] - 1
    }
}
