import Artifacts
import Basics
import Foundation
import Interchange
import TestSupport
import Testing

@Suite("Pairs written for other tools")
struct PairConversionTests {
    private func text(_ format: String, _ dataset: DatasetArtifact) throws -> (String, [String]) {
        let converting = Converting()
        let written = try converting.write(try converting.store(dataset), as: format)
        return (String(decoding: try Data(at: written.path), as: UTF8.self), written.remarks)
    }

    @Test("JSONL has texts, answers, and positions counted without BOS")
    func jsonLines() throws {
        let (text, _) = try text("jsonl", .sample)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(
            lines[0]
                == #"{"clean": "a b c", "corrupted": "a b d", "answers": [" c"], "wrong_answers": [" d"], "positions": {"IO": 0}}"#
        )
        let file = try PairFile(text: Array(text.utf8), source: "written")
        #expect(file.count == 3 && file.warnings.isEmpty)
    }

    @Test("AutoCircuit's JSON and EAP-IG's CSV say what they leave out")
    func others() throws {
        let (json, jsonRemarks) = try text("auto-circuit-json", .sample)
        let file = try PairFile(text: Array(json.utf8), source: "written")
        #expect(file.format == .autoCircuit && file.count == 3)
        #expect(jsonRemarks.contains { $0.contains("positions that differ between pairs (IO)") })
        let (csv, csvRemarks) = try text("eap-ig-csv", .sample)
        #expect(
            csv.split(separator: "\n") == [
                "clean,corrupted,correct_idx,incorrect_idx", "a b c,a b d,10,15",
            ])
        #expect(csvRemarks.contains { $0.contains("2 pairs without a right and a wrong answer") })
    }

    @Test("Edge-Pruning's tags stand after the spaces of an answer")
    func predictTags() throws {
        var dataset = DatasetArtifact.sample.selecting([0])
        dataset.positions = [:]
        let (written, _) = try text("edge-pruning-jsonl", dataset)
        #expect(
            written
                == "{\"clean\": \"a b c <predict>c</predict>\", \"corrupted\": \"a b d <predict>d</predict>\"}\n"
        )
    }

    @Test("A dataset of token ids is refused where texts are needed, and JSONL has the ids")
    func ids() throws {
        var dataset = DatasetArtifact.sample
        (dataset.clean.texts, dataset.corrupted.texts) = (nil, nil)
        (dataset.answerTexts, dataset.wrongAnswerTexts) = (nil, nil)
        #expect(try text("jsonl", dataset).0.contains(#""clean_ids": [5, 6]"#))
        #expect(try text("jsonl", dataset).0.contains(#""answer_ids": [[11], [12, 13]]"#))
        let error = #expect(throws: Failure.self) { try text("auto-circuit-json", dataset) }
        #expect(error?.kind == .badData)
    }

    @Test("A file of pairs is no artifact yet: circuit-pairs makes it one")
    func reading() throws {
        let converting = Converting()
        let path = converting.folder.path("p.jsonl")
        try Data(#"{"clean": "a", "corrupted": "b"}"#.utf8).write(to: URL(filePath: path))
        let format = try InterchangeFormats.recognize(ForeignFile(path))
        #expect(format.name == "jsonl" && format.reads.isEmpty)
        #expect(format.reading.contains("circuit-pairs --from"))
    }
}
