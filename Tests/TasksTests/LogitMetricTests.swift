import Basics
import Foundation
import Tasks
import TestSupport
import Testing
import Tokenization

@Suite("Files of metrics")
struct LogitMetricTests {
    private func read(_ text: String) throws -> Metric {
        let folder = try ScratchFolder()
        let path = folder.path("m.json")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try Metric(named: "@" + path)
    }

    @Test("A file becomes a metric, and texts the ids of a tokenizer")
    func file() throws {
        let read = try read(
            """
            {"name": "plural", "better": "low", "terms": [
              {"weight": 2, "of": "log-sum-exp", "tokens": [" are", {"text": " were"}, 5]},
              {"tokens": "answers"}, {"of": "log-sum-exp", "tokens": "all", "weight": -0.5}]}
            """)
        guard case .custom(let metric) = read else { return #expect(Bool(false)) }
        #expect(metric.name == "plural" && !metric.higherIsBetter && metric.readsAll)
        #expect(metric.terms.map(\.weight) == [2, 1, -0.5])
        #expect(metric.terms.map(\.reduction) == [.logSumExp, .mean, .logSumExp])
        #expect(read.needsAnswers && !read.needsWrongAnswers && read.isDifferentiable)
        let words = try wordTokenizer(["are", "were"])
        let vocabulary = TaskVocabulary(tokenizer: words, size: words.vocabularySize)
        let resolved = try metric.resolved(in: vocabulary)
        #expect(!metric.isResolved && resolved.isResolved)
        let ids = [" are", " were"].compactMap { words.singleToken($0) }
        #expect(
            resolved.terms[0].tokens
                == .listed([
                    .init(text: " are", id: ids[0]), .init(text: " were", id: ids[1]), .init(id: 5),
                ]))
        #expect(Metric(rawValue: Metric.custom(resolved).rawValue) == .custom(resolved))
    }

    @Test("A term's position is the end, a name or a number, and is stored unless it is the end")
    func positions() throws {
        let read = try read(
            """
            {"name": "m", "terms": [{"tokens": [1]}, {"tokens": [1], "at": "end"},
              {"tokens": [1], "at": -1}, {"tokens": [1], "at": "S2"}, {"tokens": [1], "at": -3}]}
            """)
        guard case .custom(let metric) = read else { return #expect(Bool(false)) }
        #expect(metric.terms.map(\.position) == [.end, .end, .end, .named("S2"), .index(-3)])
        #expect(metric.readsPositions)
        #expect(Metric(rawValue: read.rawValue) == read)
        #expect(read.rawValue.components(separatedBy: "\"at\":").count == 3)
    }

    @Test(
        "What isn't a metric is refused with the reason",
        arguments: [
            ("{", "it isn't a metric in JSON"),
            (
                "{\"name\": \"kl\", \"terms\": [{\"tokens\": [1]}]}",
                "the name `kl` is that of another"
            ),
            ("{\"name\": \"a b\", \"terms\": [{\"tokens\": [1]}]}", "`name` must be"),
            ("{\"terms\": [{\"tokens\": [1]}]}", "`name` must be"),
            ("{\"name\": \"m\", \"terms\": []}", "`terms` is empty"),
            ("{\"name\": \"m\"}", "`terms` must be a list"),
            ("{\"name\": \"m\", \"term\": []}", "unknown key `term`; did you mean `terms`?"),
            (
                "{\"name\": \"m\", \"better\": \"up\", \"terms\": [{\"tokens\": [1]}]}",
                "`better` must"
            ),
            ("{\"name\": \"m\", \"terms\": [{\"tokens\": [1], \"wieght\": 2}]}", "mean `weight`?"),
            ("{\"name\": \"m\", \"terms\": [{\"tokens\": [1], \"weight\": 0}]}", "other than 0"),
            ("{\"name\": \"m\", \"terms\": [{\"tokens\": [1], \"of\": \"max\"}]}", "`of` must be"),
            ("{\"name\": \"m\", \"terms\": [{\"tokens\": [1, 1]}]}", "`tokens` must be"),
            ("{\"name\": \"m\", \"terms\": [{\"tokens\": \"answer\"}]}", "`tokens` must be"),
            ("{\"name\": \"m\", \"terms\": [{\"tokens\": \"all\"}]}", "goes with `of`"),
            ("{\"name\": \"m\", \"terms\": [{\"tokens\": [1], \"at\": 1.5}]}", "`at` must be"),
            ("{\"name\": \"m\", \"terms\": [{\"tokens\": [1], \"at\": \"3\"}]}", "`at` must be"),
            ("{\"name\": \"m\", \"terms\": [{\"tokens\": [1], \"at\": null}]}", "`at` must be"),
        ])
    func badFiles(text: String, words: String) {
        let error = #expect(throws: Failure.self) { try read(text) }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test("A text that isn't one token, another model's id and a missing file are refused")
    func tokens() throws {
        let words = try wordTokenizer(["are"])
        let vocabulary = TaskVocabulary(tokenizer: words, size: words.vocabularySize)
        for (token, reason) in [
            (LogitMetric.Token(text: " cats"), "` cats` is 5 tokens of this model"),
            (LogitMetric.Token(text: " are", id: 1), "it is another model's"),
            (LogitMetric.Token(id: 100_000), "token 100000 isn't one of the model's"),
        ] {
            let metric = LogitMetric(
                name: "m", higherIsBetter: true,
                terms: [.init(weight: 1, reduction: .mean, tokens: .listed([token]))])
            let error = #expect(throws: Failure.self) { try metric.resolved(in: vocabulary) }
            #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        }
        let missing = #expect(throws: Failure.self) { try Metric(named: "@/no/such.json") }
        #expect(missing?.kind == .missingInput)
    }
}
