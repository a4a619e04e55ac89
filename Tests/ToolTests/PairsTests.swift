import Artifacts
import Foundation
import TestSupport
import Testing

@Suite("circuit-pairs")
struct PairsTests {
    /// A small trained model with a tokenizer, and one without.
    private let demo = Fixture.path("models/demo")
    private let untokenized = Fixture.path("models/tiny-gpt2")

    @Test("--list names the tasks and needs no model")
    func list() throws {
        let list = try Shell().run("circuit-pairs --list")
        #expect(list.status == 0)
        for task in ["ioi", "greater-than", "gendered-pronoun", "induction"] {
            #expect(list.output.contains("\(task) "))
        }
    }

    @Test("A task becomes a valid dataset, as a file and in a pipe")
    func task() throws {
        let shell = try Shell()
        let made = try shell.run(
            """
            circuit-pairs ioi --model \(demo) -n 5 --seed 3 -o d.h5 && circuit-check d.h5
            circuit-pairs ioi --model \(demo) -n 5 --seed 3 | circuit-check -
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.errors.isEmpty)
        let dataset = try DatasetArtifact.read(from: shell.folder.path("d.h5"))
        #expect(dataset.content.pairCount == 5)
        #expect(dataset.content.task == "ioi" && dataset.content.seed == 3)
        #expect(Set(dataset.content.positions.keys) == ["IO", "S1", "S2", "end"])
        #expect(dataset.content.model.path == demo)
        #expect(dataset.provenance.records.count == 1)
    }

    @Test("The same seed gives the same digest, another seed another")
    func seed() throws {
        let shell = try Shell()
        for (name, seed) in [("a", 1), ("b", 1), ("c", 2)] {
            let made = try shell.run(
                "circuit-pairs induction --model \(untokenized) --seed \(seed) -o \(name).h5")
            #expect(made.status == 0, "\(made.errors)")
        }
        let digests = try ["a", "b", "c"].map {
            try DatasetArtifact.read(from: shell.folder.path("\($0).h5")).digest
        }
        #expect(digests[0] == digests[1] && digests[1] != digests[2])
    }

    @Test("--from reads pairs, and says or refuses answers of several tokens")
    func ownPairs() throws {
        let shell = try Shell()
        let made = try shell.run(
            """
            echo '{"clean_ids": [1, 2], "corrupted_ids": [3, 2], "answer_ids": [4], \
            "wrong_answer_ids": [[5, 6]]}' > own.jsonl
            circuit-pairs --from own.jsonl --model \(untokenized) -o own.h5
            circuit-pairs --from - --model \(untokenized) < own.jsonl | circuit-check --quiet -
            """)
        #expect(made.status == 0)
        #expect(made.errors.contains("several tokens"))
        let content = try DatasetArtifact.read(from: shell.folder.path("own.h5")).content
        #expect(content.clean.ids == [[1, 2]] && content.corrupted.ids == [[3, 2]])
        #expect(content.answers == [[[4]]] && content.wrongAnswers == [[[5, 6]]])
        #expect(content.task == "own.jsonl" && content.seed == nil)
        let strict = try shell.run(
            "circuit-pairs --from own.jsonl --single-token-answers --model \(untokenized) -o x.h5")
        #expect(strict.status == 65)
        #expect(
            strict.errors.contains("own.jsonl, line 1") && strict.errors.contains("one is needed"))
        #expect(strict.errorLines.count == 1)
    }

    @Test("A CSV with the same columns gives the same pairs, and answers that lack are told of")
    func csv() throws {
        let shell = try Shell()
        let made = try shell.run(
            """
            printf '%s\\n' 'clean,corrupted,answers,wrong_answers' \
              ' Mary and John went, Mary and Mary went, to| home, on' > p.csv
            printf '%s\\n' '{"clean": " Mary and John went", "corrupted": " Mary and Mary went", \
              "answers": [" to", " home"], "wrong_answers": " on"}' > p.jsonl
            printf '%s\\n' '{"clean_ids": [1, 2], "corrupted_ids": [1, 3]}' > bare.jsonl
            for f in p.csv p.jsonl bare.jsonl; do
              circuit-pairs --from $f --model \(demo) -o $f.h5 || exit 1
            done
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.errors.contains("1 of 1 pairs have no answers: only the metrics kl, js,"))
        let contents = try ["p.csv.h5", "p.jsonl.h5"].map {
            try DatasetArtifact.read(from: shell.folder.path($0)).content
        }
        #expect(contents[0].answers == contents[1].answers)
        #expect(contents[0].wrongAnswers == contents[1].wrongAnswers)
        #expect(contents[0].clean == contents[1].clean)
    }

    @Test("Pairs that do not fit are an error, or left out with --skip-unfit")
    func unfitPairs() throws {
        let shell = try Shell()
        let lines =
            #"{"clean_ids": [1], "corrupted_ids": [2]}\n{"clean_ids": [1], "corrupted_ids": [2, 3]}\n"#
        let refused = try shell.run(
            "printf '\(lines)' > p.jsonl; circuit-pairs --from p.jsonl --model \(untokenized) -o x.h5"
        )
        #expect(refused.status == 65)
        #expect(
            refused.errors.contains("p.jsonl, line 2") && refused.errors.contains("equally long"))
        let kept = try shell.run(
            "circuit-pairs --from p.jsonl --skip-unfit --model \(untokenized) -o y.h5")
        #expect(kept.status == 0)
        #expect(kept.errors.contains("left out 1 pairs"))
        #expect(try DatasetArtifact.read(from: shell.folder.path("y.h5")).content.pairCount == 1)
        #expect(!(try shell.folder.names().contains("x.h5")))
    }

    @Test(
        "What is wrong is said in one line, with its own status",
        arguments: [
            ("ioi", 64, "--model"),
            ("--model MODEL", 64, "name a task"),
            ("ioi --from x --model MODEL", 64, "can't both"),
            ("iio --model MODEL", 64, "the tasks are ioi"),
            ("induction --order baba --model MODEL", 64, "go with ioi"),
            ("ioi --templates 99 --model MODEL", 64, "--templates"),
            ("ioi -n 0 --model MODEL", 64, "-n must be"),
            ("ioi --skip-unfit --model MODEL", 64, "--from"),
            ("induction --bos --model MODEL", 64, "no BOS"),
            ("ioi --model MODEL", 64, "no tokenizer"),
            ("induction --report --metric best --model MODEL", 64, "logit-diff"),
            ("ioi --model /no/such", 66, "/no/such"),
            ("ioi --model gpt2", 66, "hf download gpt2 --local-dir"),
            ("--from MODEL/model.safetensors --model MODEL", 65, "it isn't UTF-8"),
            ("--from /no/such.jsonl --model MODEL", 66, "/no/such.jsonl"),
            ("induction --model MODEL -o /no/such/d.h5", 74, "/no/such"),
        ])
    func errors(arguments: String, status: Int, words: String) throws {
        let command = arguments.replacing("MODEL", with: untokenized)
        let outcome = try Shell().run("circuit-pairs \(command) > out")
        #expect(outcome.status == Int32(status), "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1)
    }

    @Test("BOS is put before prompts if --bos asks for it")
    func bos() throws {
        let shell = try Shell()
        for flag in ["--bos", "--no-bos", ""] {
            let made = try shell.run(
                "circuit-pairs ioi --model \(demo) -n 1 \(flag) -o 'd\(flag).h5'")
            #expect(made.status == 0, "\(made.errors)")
        }
        let with = try DatasetArtifact.read(from: shell.folder.path("d--bos.h5"))
        let without = try DatasetArtifact.read(from: shell.folder.path("d--no-bos.h5"))
        #expect(with.content.bosAdded && !without.content.bosAdded)
        #expect(with.content.clean.ids[0] == [0] + without.content.clean.ids[0])
        #expect(try DatasetArtifact.read(from: shell.folder.path("d.h5")).digest == without.digest)
    }

    @Test("--report says how well the model does, beside the artifact")
    func report() throws {
        let shell = try Shell()
        let report = try shell.run(
            "circuit-pairs ioi --model \(demo) -n 32 --report -o d.h5")
        #expect(report.status == 0, "\(report.errors)")
        let lines = report.output.split(separator: "\n").map { $0.split(separator: " ") }
        // Three lines, an empty one, the table's title and head, 20 of its rows, how many more there
        // are, and what the columns are.
        #expect(lines.count == 3 + 2 + 20 + 2)
        let clean = try #require(lines[1].last.flatMap { Double($0) })
        let corrupted = try #require(lines[2].last.flatMap { Double($0) })
        // It was trained on this: nearly always right, and nothing to go by when corrupted.
        #expect(clean > 3 && abs(corrupted) < clean / 2, "\(report.output)")
        let piped = try shell.run(
            "circuit-pairs ioi --model \(demo) -n 2 --report | circuit-check --quiet -")
        #expect(piped.status == 0)
        #expect(piped.errorLines.count == 3)
    }

    @Test(
        "SmolLM2 answers every task right",
        .enabled(if: Fixture.smolLM2 != nil, Fixture.needsSmolLM2))
    func smolLM2() throws {
        let shell = try Shell()
        for task in ["ioi", "greater-than", "gendered-pronoun"] {
            let report = try shell.run(
                "circuit-pairs \(task) --model smollm2 -n 12 --report -o d.h5")
            #expect(report.status == 0, "\(report.errors)")
            let line = report.output.split(separator: "\n").dropFirst().first ?? ""
            #expect(line.hasPrefix("clean") && line.contains(" 100.0%"), "\(report.output)")
        }
    }
}
