import Basics
import Tasks
import TestSupport
import Testing
import Tokenization

@Suite("Tasks")
struct PairTaskTests {
    /// What every task promises, with any tokenizer that has the words for it.
    private func checkPromises(
        _ task: any PairTask, _ vocabulary: TaskVocabulary, count: Int
    ) throws -> [TokenizedPair] {
        let tokenizer = try TaskVocabularies.tokenizer(vocabulary)
        let pairs = try task.draw(count, seed: 1, with: tokenizer)
        #expect(pairs.count == count)
        #expect(Set(pairs.map(\.clean)).count == count, "pairs differ")
        if task.hasEqualLengths { #expect(Set(pairs.map(\.clean.count)).count == 1) }
        for pair in pairs {
            #expect(pair.clean.count == pair.corrupted.count)
            #expect(!pair.answers.isEmpty && !pair.wrongAnswers.isEmpty)
            #expect((pair.answers + pair.wrongAnswers).allSatisfy { $0.count == 1 })
            #expect(Set(pair.answers).isDisjoint(with: pair.wrongAnswers))
            #expect(pair.positions["end"] == Int32(pair.clean.count - 1))
            // Clean and corrupted part only at places that have a name, but for a year's units and
            // induction's first half.
            if !["greater-than", "induction"].contains(task.name) {
                let differing = pair.clean.indices.filter { pair.clean[$0] != pair.corrupted[$0] }
                #expect(Set(differing.map { Int32($0) }).isSubset(of: pair.positions.values))
            }
        }
        // A larger dataset begins with the smaller one; another seed gives another.
        #expect(
            try task.draw(count / 2, seed: 1, with: tokenizer) == Array(pairs.prefix(count / 2)))
        #expect(try task.draw(count, seed: 2, with: tokenizer) != pairs)
        return pairs
    }

    @Test("Every task draws valid pairs with words of one token", arguments: [true, false])
    func words(pairsDigits: Bool) throws {
        let vocabulary = try TaskVocabularies.words(pairsDigits: pairsDigits)
        for task in PairTasks.all { _ = try checkPromises(task, vocabulary, count: 10) }
    }

    @Test(
        "IOI and pronouns draw valid pairs with a trained tokenizer",
        arguments: ["ioi", "gendered-pronoun"])
    func trained(name: String) throws {
        _ = try checkPromises(
            try PairTasks.named(name), try TaskVocabularies.tinyGPT2(), count: 40)
    }

    @Test(
        "Every task draws valid pairs with SmolLM2's tokenizer",
        .enabled(if: Fixture.smolLM2 != nil, Fixture.needsSmolLM2))
    func smolLM2() throws {
        let vocabulary = try TaskVocabularies.smolLM2()
        // There are no more capitals.
        for task in PairTasks.all { _ = try checkPromises(task, vocabulary, count: 30) }
        let mixed = IOITask(order: .mixed, templateCount: IOITask.templates.count)
        let lengths = Set(try checkPromises(mixed, vocabulary, count: 100).map(\.clean.count))
        #expect(lengths.count > 3)
    }

    @Test("IOI: the names are where the positions say, and none of them is in the corrupted prompt")
    func ioi() throws {
        let vocabulary = try TaskVocabularies.tinyGPT2()
        let tokenizer = try TaskVocabularies.tokenizer(vocabulary)
        for order in IOITask.Order.allCases {
            for pair in try IOITask(order: order).draw(20, seed: 0, with: tokenizer) {
                let object = try #require(pair.positions["IO"])
                let first = try #require(pair.positions["S1"])
                let second = try #require(pair.positions["S2"])
                #expect([pair.clean[Int(object)]] == pair.answers[0])
                #expect([pair.clean[Int(first)]] == pair.wrongAnswers[0])
                #expect(pair.clean[Int(second)] == pair.clean[Int(first)])
                #expect(first < second && object < second)
                if order != .mixed { #expect((object < first) == (order == .abba)) }
                let names = [object, first, second].map { pair.corrupted[Int($0)] }
                #expect(Set(names).count == 3)
                #expect(!pair.corrupted.contains(pair.answers[0][0]))
                #expect(!pair.corrupted.contains(pair.wrongAnswers[0][0]))
            }
        }
    }

    @Test("IOI: exchanging the subject changes its second mention alone")
    func ioiSwap() throws {
        let tokenizer = try TaskVocabularies.tokenizer(try TaskVocabularies.tinyGPT2())
        for pair in try IOITask(corruption: .swappedSubject).draw(10, seed: 0, with: tokenizer) {
            let second = Int(try #require(pair.positions["S2"]))
            let differing = pair.clean.indices.filter { pair.clean[$0] != pair.corrupted[$0] }
            #expect(differing == [second])
            #expect([pair.corrupted[second]] == pair.answers[0])
        }
    }

    @Test("IOI: the prompts of a seed never change")
    func fixedPrompts() throws {
        let tokenizer = try TaskVocabularies.tokenizer(
            try TaskVocabularies.words(pairsDigits: false))
        let pair = try IOITask().draw(1, seed: 0, with: tokenizer)[0]
        #expect(
            pair.texts?.clean == "Then, Sarah and James went to the store. James gave a drink to")
        #expect(
            pair.texts?.corrupted == "Then, Lisa and David went to the store. Sara gave a drink to")
    }

    @Test("Greater-than: pairs of digits are right above the year's ending, wrong up to it")
    func twoDigits() throws {
        let vocabulary = try TaskVocabularies.words(pairsDigits: true)
        let tokenizer = try TaskVocabularies.tokenizer(vocabulary)
        for pair in try GreaterThanTask().draw(20, seed: 0, with: tokenizer) {
            func text(_ id: Int32) -> String { vocabulary.tokenizer?.token(for: id) ?? "" }
            let position = Int(try #require(pair.positions["YY"]))
            let ending = try #require(Int(text(pair.clean[position])))
            #expect(
                pair.answers.map { text($0[0]) }.compactMap(Int.init) == Array(ending + 1..<100))
            #expect(pair.wrongAnswers.map { text($0[0]) }.compactMap(Int.init) == Array(0...ending))
            #expect(text(pair.corrupted[position]) == "01")
            let century = Int(try #require(pair.positions["XX1"]))
            #expect(pair.clean.last == pair.clean[century])
        }
    }

    @Test("Greater-than: where each digit is a token, the answer is the tens digit")
    func oneDigit() throws {
        let vocabulary = try TaskVocabularies.words(pairsDigits: false)
        let tokenizer = try TaskVocabularies.tokenizer(vocabulary)
        for pair in try GreaterThanTask().draw(20, seed: 0, with: tokenizer) {
            func text(_ id: Int32) -> String { vocabulary.tokenizer?.token(for: id) ?? "" }
            let position = Int(try #require(pair.positions["YY"]))
            let tens = try #require(Int(text(pair.clean[position])))
            #expect(pair.answers.map { text($0[0]) }.compactMap(Int.init) == Array(tens + 1..<10))
            #expect(pair.wrongAnswers.map { text($0[0]) }.compactMap(Int.init) == Array(0..<tens))
            #expect(pair.corrupted[position...position + 1].map(text) == ["0", "1"])
        }
    }

    @Test("Induction: the answer follows the last token's first mention; the corrupted half is new")
    func induction() throws {
        // Without a tokenizer any ids do.
        let tokenizer = try PairTokenizer(
            vocabulary: TaskVocabulary(tokenizer: nil, size: 40), contextLength: 16)
        for pair in try InductionTask().draw(30, seed: 0, with: tokenizer) {
            let first = Int(try #require(pair.positions["A1"]))
            #expect(pair.clean[first] == pair.clean.last)
            #expect(pair.positions["B1"] == Int32(first + 1))
            #expect(pair.answers == [[pair.clean[first + 1]]])
            #expect(pair.wrongAnswers == [[pair.corrupted[first + 1]]])
            #expect(Set(pair.corrupted.prefix(8)).isDisjoint(with: pair.clean))
            #expect(pair.corrupted.suffix(5) == pair.clean.suffix(5))
        }
    }

    @Test("Docstring: the answer is the third argument, and no other stands before the end")
    func docstring() throws {
        let vocabulary = try TaskVocabularies.words(pairsDigits: false)
        let tokenizer = try TaskVocabularies.tokenizer(vocabulary)
        for pair in try DocstringTask().draw(20, seed: 0, with: tokenizer) {
            let arguments = try (1...4).map {
                pair.clean[Int(try #require(pair.positions["A\($0)"]))]
            }
            let documented = try (1...2).map {
                pair.clean[Int(try #require(pair.positions["D\($0)"]))]
            }
            #expect(documented == Array(arguments.prefix(2)))
            #expect(pair.answers == [[arguments[2]]])
            #expect(pair.wrongAnswers == [0, 1, 3].map { [arguments[$0]] })
            #expect(Set(pair.corrupted).isDisjoint(with: arguments))
            #expect(pair.texts?.clean.hasSuffix("    :param") == true)
        }
    }

    @Test("Addition: the answer is the sum, or its tens where digits are tokens")
    func addition() throws {
        for pairsDigits in [true, false] {
            let vocabulary = try TaskVocabularies.words(pairsDigits: pairsDigits)
            let tokenizer = try TaskVocabularies.tokenizer(vocabulary)
            for pair in try AdditionTask().draw(40, seed: 0, with: tokenizer) {
                let texts = try #require(pair.texts)
                func sum(_ text: String) -> Int {
                    text.split { !$0.isNumber }.compactMap { Int($0) }.reduce(0, +)
                }
                func text(_ answer: [Int32]) -> String? {
                    vocabulary.tokenizer?.token(for: answer[0])
                }
                for (prompt, answers) in [
                    (texts.clean, pair.answers), (texts.corrupted, pair.wrongAnswers),
                ] {
                    let expected = pairsDigits ? " \(sum(prompt))" : "\(sum(prompt) / 10)"
                    #expect(answers.map(text) == [expected])
                }
                #expect(sum(texts.clean) < 100 && sum(texts.clean) >= 20)
            }
        }
    }

    @Test("Multiple choice: the letter of the choice that the question says")
    func multipleChoice() throws {
        let vocabulary = try TaskVocabularies.words(pairsDigits: false)
        let tokenizer = try TaskVocabularies.tokenizer(vocabulary)
        for pair in try MultipleChoiceTask().draw(20, seed: 0, with: tokenizer) {
            func id(_ name: String, _ ids: [Int32]) throws -> Int32 {
                ids[Int(try #require(pair.positions[name]))]
            }
            let color = try id("color", pair.clean)
            #expect(try id("choice", pair.clean) == color)
            #expect(try id("other", pair.corrupted) == color)
            let letters = ["A", "B", "C", "D"].map { vocabulary.tokenizer?.singleToken(" " + $0) }
            let text = try #require(pair.texts?.clean)
            let lines = text.split(separator: "\n")
            let word = vocabulary.tokenizer?.token(for: color)?.dropFirst() ?? ""
            let place = try #require(lines.dropFirst().firstIndex { $0.hasSuffix(" " + word) }) - 1
            #expect(pair.answers == [[try #require(letters[place])]])
        }
    }

    @Test("BOS moves every position by one")
    func bos() throws {
        let vocabulary = try TaskVocabularies.tinyGPT2()
        let plain = try IOITask().draw(
            5, seed: 0, with: try TaskVocabularies.tokenizer(vocabulary, addBOS: false))
        let withBOS = try IOITask().draw(
            5, seed: 0, with: try TaskVocabularies.tokenizer(vocabulary, addBOS: true))
        for (one, other) in zip(plain, withBOS) {
            #expect(other.clean == [0] + one.clean)
            #expect(other.positions == one.positions.mapValues { $0 + 1 })
        }
    }

    @Test("A task that can't be drawn is refused with the reason")
    func errors() throws {
        func complaint(_ task: any PairTask, _ words: [String], count: Int = 1) throws -> String {
            let tokenizer = try wordTokenizer(words)
            let vocabulary = TaskVocabulary(tokenizer: tokenizer, size: tokenizer.vocabularySize)
            let pairs = try TaskVocabularies.tokenizer(vocabulary)
            let error = #expect(throws: Failure.self) {
                try task.draw(count, seed: 0, with: pairs)
            }
            return error?.description ?? ""
        }
        #expect(try complaint(IOITask(), ["Mary"]).contains("5 names"))
        let names = ["Mary", "John", "David", "Sarah", "James"]
        #expect(try complaint(IOITask(), names).contains("places"))
        #expect(
            try complaint(IOITask(), names + ["store", "ring"], count: 31).contains("only 30 of 31")
        )
        #expect(try complaint(GreaterThanTask(), ["Mary"]).contains("nouns"))
        #expect(try complaint(InductionTask(), ["apple"]).contains("16 different words"))
        let error = #expect(throws: Failure.self) { try PairTasks.named("iio") }
        #expect(error?.description.contains("ioi, greater-than") == true)
        let untokenized = try PairTokenizer(
            vocabulary: TaskVocabulary(tokenizer: nil, size: 9), contextLength: 9)
        let noText = #expect(throws: Failure.self) {
            try IOITask().draw(1, seed: 0, with: untokenized)
        }
        #expect(noText?.kind == .usage)
    }

    @Test("Years in groups of three can't be compared")
    func threeDigits() throws {
        let tokenizer = try Tokenizer.load(folder: Fixture.path("tokenizer/tiny-gpt2"))
        let size = try #require(tokenizer?.vocabularySize)
        let error = #expect(throws: Failure.self) {
            try YearAnswers(TaskVocabulary(tokenizer: tokenizer, size: size))
        }
        #expect(error?.description.contains(" 1732") == true)
    }
}
