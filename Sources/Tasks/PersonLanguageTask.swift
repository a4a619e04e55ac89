package import Basics

/// Factual recall of what a person speaks (the relation "mother tongue" of CounterFact, Meng et al. 2022):
/// "The mother tongue of Mozart is" is continued by " German".
///
/// Corrupted by a person of another language, which is the wrong answer. People are named by their last
/// name or their only one, where that is a token. Named positions: `person` and `end`.
package struct PersonLanguageTask: PairTask {
    /// The task.
    package init() {}

    /// `person-language`.
    package let name = "person-language"
    /// For the list of tasks.
    package let summary = "what a person speaks comes next (The mother tongue of Mozart is)"
    /// Every person drawn is one token.
    package let hasEqualLengths = true

    /// Draws two people that are one token each, as are their languages, which differ.
    package func pairs(
        in vocabulary: TaskVocabulary
    ) throws(Failure) -> (inout SplitMix64) -> PromptPair {
        let facts = try vocabulary.singleTokenPairs(
            Self.languages, atLeast: 2, of: "people and languages", for: name)
        guard Set(facts.map(\.second)).count > 1 else {
            throw Failure(
                .badData,
                "task \(name) needs people of two languages that are one token each, and this model's "
                    + "tokenizer has those of \(facts[0].second) alone")
        }
        return { random in
            let person = random.pick(facts)
            let other = random.pick(facts.filter { $0.second != person.second })
            func prompt(_ person: String) -> PromptText {
                PromptText("The mother tongue of {person:person} is", ["person": person])
            }
            let clean = prompt(person.first)
            return PromptPair(
                clean: .text(clean.text), corrupted: .text(prompt(other.first).text),
                answers: [.text(" " + person.second)], wrongAnswers: [.text(" " + other.second)],
                positions: clean.positions)
        }
    }

    /// People of one name, or known by their last one, and their mother tongues.
    static let languages = """
        Mozart German Beethoven German Bach German Goethe German Einstein German Kant German Hegel \
        German Marx German Hitler German Bismarck German Luther German Kepler German Freud German \
        Merkel German Napoleon French Voltaire French Rousseau French Descartes French Pascal French \
        Sartre French Camus French Hugo French Macron French Monet French Chopin Polish Dante Italian \
        Galileo Italian Columbus Italian Verdi Italian Leonardo Italian Michelangelo Italian \
        Mussolini Italian Machiavelli Italian Puccini Italian Cervantes Spanish Picasso Spanish Goya \
        Spanish Franco Spanish Castro Spanish Neruda Spanish Borges Spanish Messi Spanish Pushkin \
        Russian Tolstoy Russian Lenin Russian Putin Russian Gorbachev Russian Dostoevsky Russian \
        Shakespeare English Newton English Darwin English Churchill English Dickens English Lincoln \
        English Washington English Jefferson English Obama English Trump English Gandhi Gujarati \
        Plato Greek Socrates Greek Aristotle Greek Homer Greek Cicero Latin Caesar Latin Augustus \
        Latin Virgil Latin Rembrandt Dutch Erasmus Dutch Confucius Chinese Mao Chinese Ibsen Norwegian
        """
}
