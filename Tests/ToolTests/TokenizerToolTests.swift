import Foundation
import Models
import TestSupport
import Testing

@Suite("Tokenizers, as tools show them")
struct TokenizerToolTests {
    private let demo = Fixture.path("models/demo")

    @Test(
        "circuit-run gives Gemma 3's ids of 40 strings",
        .enabled(if: (try? ModelLocation.find("gemma3")) != nil, "`tools/fetch-model gemma3`"))
    func gemma3() throws {
        let fixture = try object(Fixture.data("tokenizer/gemma3.json"))
        let strings = try #require(fixture["strings"] as? [[String: Any]])
        let shell = try Shell()
        var lines = Data()
        for string in strings {
            let text = try #require(string["text"] as? String)
            lines += try JSONSerialization.data(withJSONObject: ["text": text]) + Data("\n".utf8)
        }
        try lines.write(to: shell.folder.url.appending(path: "texts.jsonl"))
        let outcome = try shell.run(
            "circuit-run --model gemma3 --tokens --json < texts.jsonl")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let ids = try outcome.output.split(separator: "\n").map {
            try #require(try object(Data($0.utf8))["ids"] as? [Int])
        }
        let expected = try strings.map { try #require($0["ids"] as? [Int]) }
        #expect(ids.count == 40)
        #expect(ids == expected)
        #expect(outcome.errors == "")
    }

    @Test("A key that nothing reads is reported once, an endless expression ends with 65")
    func settings() throws {
        let shell = try Shell()
        let model = shell.folder.url.appending(path: "model")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: demo), to: model)
        let file = model.appending(path: "tokenizer.json")
        var document = try object(Data(contentsOf: URL(fileURLWithPath: demo + "/tokenizer.json")))
        document["surprise"] = true
        try JSONSerialization.data(withJSONObject: document).write(to: file)
        let reported = try shell.run("circuit-run --model model --tokens a b c")
        #expect(reported.status == 0)
        #expect(reported.errorLines.count == 1)
        #expect(reported.errors.contains("warning: ") && reported.errors.contains("`surprise`"))

        document["surprise"] = nil
        document["pre_tokenizer"] = [
            "type": "Sequence",
            "pretokenizers": [
                ["type": "Split", "behavior": "Isolated", "pattern": ["Regex": "(a+)+$"]],
                ["type": "ByteLevel", "add_prefix_space": false],
            ],
        ]
        try JSONSerialization.data(withJSONObject: document).write(to: file)
        let text = String(repeating: "a", count: 40) + "!"
        let refused = try shell.run("circuit-run --model model --tokens '\(text)'")
        #expect(refused.status == 65)
        #expect(refused.errorLines.count == 1)
        #expect(refused.errors.contains("tokenizer.json: its expression `(a+)+$` takes too many"))
    }

    private func object(_ data: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}
