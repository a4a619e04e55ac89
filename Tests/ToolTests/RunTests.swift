import Foundation
import TestSupport
import Testing

@Suite("circuit-run")
struct RunTests {
    /// A small trained model with a tokenizer, and one without.
    private let demo = Fixture.path("models/demo")
    private let untokenized = Fixture.path("models/tiny-gpt2")

    private func objects(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    @Test("--info has the model's shape, digest, nodes and edges")
    func info() throws {
        let shell = try Shell()
        let outcome = try shell.run(
            """
            circuit-run --model \(untokenized) --info --json && circuit-run --model \(demo) --info
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let info = try objects(String(outcome.output.prefix { $0 != "\n" }))[0]
        #expect(info["family"] as? String == "gpt2")
        #expect(info["n_layers"] as? Int == 3 && info["n_heads"] as? Int == 4)
        #expect(info["nodes"] as? Int == 17)
        #expect(info["edges"] as? Int == 262 && info["edges_ungrouped_kv"] as? Int == 262)
        #expect((info["digest"] as? String)?.count == 64)
        #expect(info["quantization"] as? String == "F32")
        #expect(info["tokenizer"] == nil)
        #expect(outcome.output.contains("edges"))
    }

    @Test("--tokens --json answers each prompt by a line of ids")
    func tokens() throws {
        let shell = try Shell()
        let outcome = try shell.run(
            """
            printf '{"text": "When Mary and John"}\\n\\n{"ids": [3, 1]}' \
            | circuit-run --model \(demo) --tokens --json
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = try objects(outcome.output)
        #expect(lines.count == 2)
        #expect((lines[0]["ids"] as? [Int])?.isEmpty == false)
        #expect(lines[1]["ids"] as? [Int] == [3, 1])
        #expect(lines.allSatisfy { Set($0.keys) == ["ids"] })
        let human = try shell.run("circuit-run --model \(demo) --tokens 'When Mary'")
        #expect(human.output.contains(#""When Mary" ("#))
    }

    @Test("--top --json has the likeliest tokens and the log-sum-exp of all logits")
    func top() throws {
        let shell = try Shell()
        let outcome = try shell.run(
            """
            echo '{"ids": [1, 2, 3]}' | circuit-run --model \(untokenized) --top 5 --json
            circuit-run --model \(untokenized) --top 60 --ids 1,2,3 --json --threads 1
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = try objects(outcome.output)
        let top = try #require(lines[0]["top"] as? [[String: Any]])
        let all = try #require(lines[1]["top"] as? [[String: Any]])
        #expect(top.count == 5 && all.count == 60)
        let logits = all.compactMap { $0["logit"] as? Double }
        #expect(logits == logits.sorted(by: >))
        #expect(
            top.compactMap { $0["id"] as? Int } == all.prefix(5).compactMap { $0["id"] as? Int })
        let sum = try #require(lines[1]["logsumexp"] as? Double)
        #expect(abs(sum - log(logits.reduce(0) { $0 + exp($1) })) < 1e-4)
    }

    @Test("--weights bfloat16 rounds the weights, float32 leaves them as they are stored")
    func weights() throws {
        let shell = try Shell()
        let options = ["", "--weights as-stored", "--weights float32", "--weights bfloat16"]
        let logits = try options.map { option in
            let outcome = try shell.run(
                "circuit-run --model \(untokenized).gguf --top 60 --ids 1,2,3 --json \(option)")
            #expect(outcome.status == 0, "\(outcome.errors)")
            let top = try #require(objects(outcome.output)[0]["top"] as? [[String: Any]])
            let byToken = try top.map { entry in
                (try #require(entry["id"] as? Int), try #require(entry["logit"] as? Double))
            }
            return byToken.sorted { $0.0 < $1.0 }.map(\.1)
        }
        #expect(logits[0] == logits[1] && logits[0] == logits[2])
        #expect(logits[0] != logits[3])
        #expect(zip(logits[0], logits[3]).allSatisfy { abs($0 - $1) < 0.1 })
        let wrong = try shell.run("circuit-run --model \(demo) --ids 1 --weights int8")
        #expect(wrong.status == 64 && wrong.errors.contains("int8"), "\(wrong.errors)")
    }

    @Test("Prompts as arguments are answered by tables")
    func tables() throws {
        let outcome = try Shell().run(
            "circuit-run --model \(demo) --top 3 'When Mary and John went' 'The'")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("%"))
        #expect(outcome.output.split(separator: "\n").count == 10)
    }

    @Test("--ids is given for each prompt")
    func severalIDs() throws {
        let shell = try Shell()
        let outcome = try shell.run(
            "circuit-run --model \(untokenized) --ids 1,2,3 --ids 4,5 --top 3 --json")
        let lines = try objects(outcome.output)
        #expect(lines.map { $0["ids"] as? [Int] } == [[1, 2, 3], [4, 5]], "\(outcome.errors)")
        let mixed = try shell.run("circuit-run --model \(demo) --tokens --json --ids 7 'When Mary'")
        #expect(try objects(mixed.output).count == 2, "\(mixed.errors)")
        #expect(try objects(mixed.output)[1]["ids"] as? [Int] == [7])
    }

    @Test("--lines reads a prompt a line")
    func lines() throws {
        let outcome = try Shell().run(
            "printf 'When Mary\\nThe' | circuit-run --model \(demo) --lines --tokens --json")
        #expect(try objects(outcome.output).count == 2, "\(outcome.errors)")
    }

    @Test(
        "Arguments that make no sense are refused in one line, with their own status",
        arguments: [
            ("--ids 1,2,60", 65, "token 60"),
            ("--ids 1,2,-1", 65, "token -1"),
            ("--ids \((0..<33).map { _ in "1" }.joined(separator: ","))", 65, "more than the 32"),
            ("--ids 1,x", 64, "'x' is no token id"),
            ("--ids 1,2 3,4", 64, "'3,4' would be a text"),
            ("- --ids 1", 64, "--ids and standard input"),
            ("--lines --ids 1", 64, "--lines goes with standard input"),
            ("--ids ''", 65, "no tokens"),
            ("hello", 65, "no tokenizer"),
            ("--bos --ids 1", 64, "no BOS"),
            ("--tokens --top 3 --ids 1", 64, "--tokens and --top"),
            ("--info x", 64, "--info takes no prompts"),
            ("--top=-1 --ids 1", 64, "negative"),
        ])
    func badArguments(arguments: String, status: Int32, message: String) throws {
        let outcome = try Shell().run("circuit-run --model \(untokenized) \(arguments)")
        #expect(outcome.status == status)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }

    @Test(
        "A bad line of standard input is bad data, named by its number",
        arguments: [
            ("nonsense", "not a JSON object"), (#"{"text": 3}"#, "not a JSON object"),
            (#"{"ids": ["1"]}"#, "not a JSON object"), (#"{"ids": [1e99]}"#, "not a JSON object"),
            ("{}", "one of them"), (#"{"ids": [1], "text": "a"}"#, "one of them"),
            (#"{"ids": [600]}"#, "token 600"),
        ])
    func badLines(line: String, message: String) throws {
        let outcome = try Shell().run(
            "printf '%s\\n' '{\"ids\": [1]}' '\(line)' | circuit-run --model \(untokenized) --json")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("line 2"), "\(outcome.errors)")
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }

    @Test("A model that is not there is missing input, no model a usage error")
    func missingModel() throws {
        #expect(try Shell().run("circuit-run --model ./nowhere x").status == 66)
        #expect(try Shell().run("circuit-run x").status == 64)
    }

    @Test("A program at the other end of a pipe gets each answer before it asks again")
    func answersAsItGoes() throws {
        let outcome = try Shell().run(
            """
            coproc circuit-run --model \(untokenized) --top 1 --json
            for id in 1 2 3; do
              echo "{\\"ids\\": [$id]}" >&"${COPROC[1]}"
              read -r -t 60 line <&"${COPROC[0]}" || exit 9
              echo "$line"
            done
            exec {COPROC[1]}>&-
            wait
            """)
        #expect(outcome.status == 0)
        #expect(try objects(outcome.output).map { $0["ids"] as? [Int] } == [[1], [2], [3]])
    }
}
