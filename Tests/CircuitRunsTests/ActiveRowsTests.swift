import Artifacts
import CircuitRuns
import Engine
import ExperimentSupport
import Experiments
import Tasks
import Testing

/// The rows in which a change can matter, on prompts of five and of four tokens.
@Suite("Active rows")
struct ActiveRowsTests {
    private func rows(
        _ lengths: [Int], _ firstChange: [Int], pairsPerPiece: Int? = nil
    ) throws -> ActiveRows {
        ActiveRows(
            lengths: lengths, firstChange: firstChange,
            transformer: try ReferencePairs("tiny-gpt2").transformer, pairsPerPiece: pairsPerPiece)
    }

    @Test("They run from the first change to the end, and hold the end where nothing changes")
    func positions() throws {
        let rows = try rows([5, 4], [2, 4])
        #expect(rows.positions == [2..<5, 3..<4])
        #expect(rows.all.lengths == [3, 1])
        #expect(rows.end.lengths == [1, 1])
        #expect(rows.context.lengths == [5, 4])
        #expect(rows.positionOfRow.array == [2, 3, 4, 3])
    }

    @Test("A query sees the keys up to its own position")
    func visibleKeys() throws {
        #expect(try rows([5, 4], [2, 4]).visibleToRow.array == [3, 4, 5, 4])
    }

    @Test("Rows of an extent are found among those of the context and among the active ones")
    func firstRows() throws {
        let rows = try rows([5, 4], [2, 2])
        // Context rows 0 to 4 are the first pair's, 5 to 8 the second's.
        #expect(rows.firstContextRow(.all, 0) == 2 && rows.firstContextRow(.end, 0) == 4)
        #expect(rows.firstContextRow(.all, 1) == 7 && rows.firstContextRow(.end, 1) == 8)
        // Active rows 0 to 2 are the first pair's, 3 and 4 the second's.
        #expect(rows.firstActiveRow(.all, 0) == 0 && rows.firstActiveRow(.end, 0) == 2)
        #expect(rows.firstActiveRow(.all, 1) == 3 && rows.firstActiveRow(.end, 1) == 4)
        #expect(rows.count(.all, 0..<2) == 5 && rows.count(.end, 0..<2) == 2)
    }

    @Test("Pieces hold every pair once, in order", arguments: [1, 2, 7, 8, 9, 33])
    func pieces(pairs: Int) throws {
        for (pairsPerPiece, variants) in [(nil, 1), (nil, 7), (nil, 64), (1, 1), (3, 64)] {
            let rows = try rows(
                Array(repeating: 4, count: pairs), Array(repeating: 1, count: pairs),
                pairsPerPiece: pairsPerPiece)
            for extent in [ActiveRows.Extent.end, .all] {
                let pieces = rows.pieces(for: extent, variants: variants)
                #expect(pieces.flatMap { Array($0) } == Array(0..<pairs))
                #expect(!pieces.contains { $0.isEmpty })
                #expect(pieces.allSatisfy { rows.count(extent, $0) <= 64 })
                #expect(pieces.allSatisfy { $0.count <= pairsPerPiece ?? .max })
            }
            // Where only the ends are computed, a piece's weights serve more pairs.
            if variants > 1 {
                #expect(
                    rows.pieces(for: .end, variants: variants).count
                        <= rows.pieces(for: .all, variants: variants).count)
            }
        }
    }

    @Test("Where pieces begin and end doesn't depend on the pairs behind them")
    func piecesOfSome() throws {
        let lengths = (0..<40).map { 4 + ($0 * 7) % 5 }
        func pieces(_ count: Int, _ extent: ActiveRows.Extent, _ variants: Int) throws -> [Range<
            Int
        >] {
            try rows(Array(lengths[..<count]), lengths[..<count].map { $0 % 3 })
                .pieces(for: extent, variants: variants)
        }
        for (extent, variants) in [(ActiveRows.Extent.all, 1), (.all, 32), (.end, 1), (.end, 64)] {
            let all = try pieces(40, extent, variants)
            for count in 1..<40 {
                let some = try pieces(count, extent, variants)
                #expect(some.dropLast() == all.prefix(some.count - 1))
                #expect(some.last?.lowerBound == all[some.count - 1].lowerBound)
            }
        }
    }

    @Test(
        "Resampling starts at the first token that differs; other ablations change every position")
    func ofAnExperiment() throws {
        let pairs = try ReferencePairs("tiny-gpt2", file: "ragged")
        let resampled = ActiveRows(try pairs.experiment(.kl))
        let zeroed = ActiveRows(try pairs.experiment(.kl, ablation: .zero))
        for pair in 0..<pairs.dataset.pairCount {
            let (clean, corrupted) = (
                pairs.dataset.clean.ids[pair], pairs.dataset.corrupted.ids[pair]
            )
            let first = zip(clean, corrupted).enumerated().first { $0.element.0 != $0.element.1 }
            #expect(resampled.positions[pair] == (first?.offset ?? clean.count - 1)..<clean.count)
            #expect(zeroed.positions[pair] == 0..<clean.count)
        }
    }
}
