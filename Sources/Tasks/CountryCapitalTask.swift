package import Basics

/// Factual recall (Meng et al. 2022 look for where facts are stored; Hanna et al. 2024 take capitals):
/// "The capital of France is" is continued by " Paris".
///
/// Corrupted by another country, whose capital is the wrong answer. Named positions: `country` and
/// `end`.
package struct CountryCapitalTask: PairTask {
    /// The task.
    package init() {}

    /// `country-capital`.
    package let name = "country-capital"
    /// For the list of tasks.
    package let summary = "a country's capital comes next (The capital of France is)"
    /// Every country drawn is one token.
    package let hasEqualLengths = true

    /// Draws two countries that are one token each, as are their capitals.
    package func pairs(
        in vocabulary: TaskVocabulary
    ) throws(Failure) -> (inout SplitMix64) -> PromptPair {
        let facts = try vocabulary.singleTokenPairs(
            Self.capitals, atLeast: 2, of: "countries", for: name)
        return { random in
            let drawn = random.pick(2, of: facts)
            func prompt(_ country: String) -> PromptText {
                PromptText("The capital of {country:country} is", ["country": country])
            }
            let clean = prompt(drawn[0].first)
            return PromptPair(
                clean: .text(clean.text), corrupted: .text(prompt(drawn[1].first).text),
                answers: [.text(" " + drawn[0].second)],
                wrongAnswers: [.text(" " + drawn[1].second)], positions: clean.positions)
        }
    }

    /// Countries that are one word, and capitals that are.
    static let capitals = """
        France Paris Italy Rome Spain Madrid Germany Berlin England London Russia Moscow China \
        Beijing Japan Tokyo Egypt Cairo Greece Athens Poland Warsaw Austria Vienna Hungary Budapest \
        Portugal Lisbon Sweden Stockholm Norway Oslo Denmark Copenhagen Finland Helsinki Ireland \
        Dublin Belgium Brussels Scotland Edinburgh Canada Ottawa Cuba Havana Peru Lima Chile Santiago \
        Iran Tehran Iraq Baghdad Syria Damascus Lebanon Beirut Afghanistan Kabul Kenya Nairobi Ukraine \
        Kiev Romania Bucharest Serbia Belgrade Bulgaria Sofia Turkey Ankara Australia Canberra Thailand \
        Bangkok Indonesia Jakarta Vietnam Hanoi Philippines Manila Taiwan Taipei Venezuela Caracas
        """
}
