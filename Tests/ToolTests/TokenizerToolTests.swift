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

    @Test("Token ids need no tokenizer: one that can't be read is reported, text is refused")
    func unreadable() throws {
        let shell = try Shell()
        let model = shell.folder.url.appending(path: "model")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: demo), to: model)
        let words = ["model": ["type": "WordLevel", "vocab": ["the": 2]]]
        try JSONSerialization.data(withJSONObject: words)
            .write(to: model.appending(path: "tokenizer.json"))
        let reason = "tokenizer.json: its model `WordLevel` is not supported"
        for command in [
            "circuit-run --model model --info", "circuit-run --model model --ids 2,5 --json",
            """
            echo '{"clean_ids": [2, 5], "corrupted_ids": [3, 5]}' \
            | circuit-pairs --quiet --from - --model model -o p.h5
            """, "circuit-pairs --from p.h5 --model model -o q.h5",
        ] {
            let outcome = try shell.run(command)
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
            #expect(outcome.errorLines.count == 1 && outcome.errors.contains(reason), "\(command)")
        }
        let logits = #"--ids 2,5 --json 2> /dev/null | grep -o '"logit":[^,}]*'"#
        let (own, whole) = try (
            shell.run("circuit-run --model model \(logits)"),
            shell.run("circuit-run --model \(demo) \(logits)")
        )
        #expect(own.output == whole.output && !own.output.isEmpty)
        for command in [
            "circuit-run --model model the",
            "circuit-pairs ioi --model model -o n.h5",
            """
            echo '{"clean": "the", "corrupted": "the"}' \
            | circuit-pairs --from - --model model -o n.h5
            """,
        ] {
            let outcome = try shell.run(command)
            #expect(outcome.status == 65, "\(command): \(outcome.errors)")
            #expect(outcome.errors.contains(reason), "\(command)")
        }
    }

    private func object(_ data: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}
