package import Basics

/// Hypernymy (Hearst 1992's pattern; Hanna et al. 2024): "dogs and other" is continued by what dogs
/// are, " animals".
///
/// Corrupted by a word of another kind, whose name is the wrong answer. Named positions: `word` and
/// `end`.
package struct HypernymyTask: PairTask {
    /// The task.
    package init() {}

    /// `hypernymy`.
    package let name = "hypernymy"
    /// For the list of tasks.
    package let summary = "what a thing is comes next (They talked about dogs and other)"
    /// Every word drawn is one token.
    package let hasEqualLengths = true

    /// Draws words of two kinds, one token each, as are the kinds' names.
    package func pairs(
        in vocabulary: TaskVocabulary
    ) throws(Failure) -> (inout SplitMix64) -> PromptPair {
        let kinds = Self.kinds.map { kind, words in
            (name: vocabulary.singleTokens([kind]), words: vocabulary.singleTokens(words))
        }.filter { !$0.name.isEmpty && !$0.words.isEmpty }
        _ = try vocabulary.singleTokens(
            Self.kinds.map(\.name), atLeast: 2, of: "names of kinds", for: name)
        guard kinds.count >= 2 else {
            throw Failure(
                .badData,
                "task \(name) needs words of two kinds that are one token each, and this model's "
                    + "tokenizer has none")
        }
        return { random in
            let drawn = random.pick(2, of: kinds)
            func prompt(_ word: String) -> PromptText {
                PromptText("They talked about {word:word} and other", ["word": word])
            }
            let clean = prompt(random.pick(drawn[0].words))
            return PromptPair(
                clean: .text(clean.text),
                corrupted: .text(prompt(random.pick(drawn[1].words)).text),
                answers: [.text(" " + drawn[0].name[0])],
                wrongAnswers: [.text(" " + drawn[1].name[0])], positions: clean.positions)
        }
    }

    static let kinds: [(name: String, words: [String])] = [
        ("animals", ["dogs", "cats", "horses", "cows", "pigs", "bears", "lions", "rabbits"]),
        ("fruits", ["apples", "oranges", "bananas", "grapes", "berries", "lemons"]),
        ("vegetables", ["potatoes", "tomatoes", "carrots", "beans", "onions"]),
        ("weapons", ["guns", "swords", "bombs", "rifles", "missiles"]),
        ("vehicles", ["cars", "trucks", "buses", "bikes"]),
        (
            "countries",
            ["France", "Germany", "China", "Japan", "Russia", "Italy", "Spain", "Mexico"]
        ),
        ("sports", ["football", "baseball", "basketball", "tennis", "soccer", "golf"]),
        ("metals", ["iron", "copper", "gold", "silver", "lead", "zinc"]),
        ("diseases", ["cancer", "diabetes", "asthma", "malaria"]),
        ("languages", ["French", "German", "Spanish", "Latin", "English"]),
    ]
}
