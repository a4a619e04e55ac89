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
    /// How many pairs a piece has at most, if that was asked for.
    private let pairsPerPiece: Int?

    /// The rows of an experiment's pairs, in pieces of at most `pairsPerPiece`, if that is given.
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

    /// The rows of pairs whose first changes are at `firstChange`, in pieces of at most
    /// `pairsPerPiece`, if that is given.
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
    }

    /// These rows without those before a position, of each pair at least the last: what changes where
    /// an edge is cut at that position.
    func starting(at position: Int, in transformer: Transformer) -> ActiveRows {
        ActiveRows(
            lengths: positions.map(\.upperBound),
            firstChange: positions.map { max($0.lowerBound, position) }, transformer: transformer,
            pairsPerPiece: pairsPerPiece)
    }

    /// The rows of an extent that a piece has at least, as far as there are pairs: so many that the
    /// weights that are read for it serve several.
    package static func leastRows(_ extent: Extent) -> Int { extent == .all ? 16 : 8 }

    /// The pairs cut into pieces that are computed one by one, by any thread: so many rows that with
    /// all variants they make a wide product, and more pieces the more variants there are. They are cut
    /// from the first pair on: where they begin and end depends neither on threads nor on what
    /// other pairs come after.
    /// - Parameters:
    ///   - extent: the widest extent that is computed.
    ///   - variants: how many variants of each row are computed side by side.
    package func pieces(for extent: Extent, variants: Int = 1) -> [Range<Int>] {
        let wide = BLAS.mostOwnRows / max(1, variants)
        let least = Self.leastRows(extent)
        return layout(extent).pieces(
            ofAtMost: min(max(wide, least), 4 * least), prompts: pairsPerPiece ?? .max)
    }

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
