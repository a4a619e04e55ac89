import Artifacts
import Basics
import Engine
import Experiments
import Models
import TestSupport
import Testing

/// Hooks and positions as a user selects them.
@Suite("Selections of hooks and positions")
struct SelectionTests {
    /// Prompts of three, two and three tokens.
    private let dataset = DatasetArtifact.sample

    private func columns(_ text: String) throws -> [[Int32]] {
        let array = try PositionSelection(text).positions(in: dataset)
        return (0..<array.shape[0]).map { Array(array[row: $0]) }
    }

    @Test("Positions are selected by name, index and range")
    func positions() throws {
        #expect(try columns("end") == [[2], [1], [2]])
        #expect(try columns("IO,end") == [[1, 2], [1, 1], [-1, 2]])
        #expect(try columns("0:2") == [[0, 1], [0, 1], [0, 1]])
        #expect(try columns("1:") == [[1, 2], [1, -1], [1, 2]])
        #expect(try columns("-1") == [[2], [1], [2]])
        #expect(try columns("-3:") == [[0, 1, 2], [-1, 0, 1], [0, 1, 2]])
        #expect(try columns(":-1") == [[0, 1], [0, -1], [0, 1]])
        #expect(try columns("2") == [[2], [-1], [2]])
        let all = try PositionSelection.all.positions(in: dataset)
        #expect(all == ActivationCacheDescription.allPositions(lengths: [3, 2, 3]))
    }

    @Test("Selected positions are labelled by their names and indices")
    func labels() throws {
        #expect(
            try PositionSelection("IO,end,0:2,-2:").labels(in: dataset) == [
                "IO", "end", "0", "1", "-2", "-1",
            ])
        #expect(try PositionSelection.all.labels(in: dataset) == ["0", "1", "2"])
    }

    @Test(
        "Unknown names, absent indices and malformed ranges are refused",
        arguments: ["S9", "7", "1:2:3", "5:9", "a:b"])
    func refusedPositions(text: String) throws {
        #expect(throws: Failure.self) {
            try PositionSelection(text).positions(in: dataset)
        }
    }

    @Test("Hooks are selected by patterns, and a pattern without a match is refused")
    func hooks() throws {
        let configuration = try Model.load(Fixture.path("models/tiny-gpt2")).configuration
        func names(_ patterns: String...) throws -> [String] {
            try HookSelection.points(matching: patterns, in: configuration).map(\.name)
        }
        #expect(try names("blocks.*.attn.hook_z") == (0..<3).map { "blocks.\($0).attn.hook_z" })
        #expect(
            try names("blocks.1.hook_mlp_out", "hook_*", "hook_embed") == [
                "hook_embed", "hook_pos_embed", "blocks.1.hook_mlp_out",
            ])
        #expect(try names("blocks.[02].hook_resid_p??").count == 2)
        #expect(try names("*").count > 40)
        let error = #expect(throws: Failure.self) { try names("hook_nowhere") }
        #expect(error?.description.contains("attn.hook_z") == true)
        #expect(HookSelection.senders(of: configuration).count == 7)
    }

    @Test(
        "A misspelt hook is answered with the one that was meant",
        arguments: [
            ("blocks.0.attn.hook_patern", "blocks.0.attn.hook_pattern"),
            ("blocks.*.attn.hook_patern", "blocks.*.attn.hook_pattern"),
            ("blocks.2.hook_z", "blocks.2.attn.hook_z"), ("hook_z", "blocks.0.attn.hook_z"),
            ("ln_final.hook_normalised", "ln_final.hook_normalized"),
            ("blocks.1.hook_post", "blocks.1.mlp.hook_post"),
        ])
    func misspelt(pattern: String, name: String) throws {
        let configuration = try Model.load(Fixture.path("models/tiny-gpt2")).configuration
        let error = #expect(throws: Failure.self) {
            try HookSelection.points(matching: [pattern], in: configuration)
        }
        #expect(error?.description.contains("did you mean '\(name)'?") == true)
    }
}
