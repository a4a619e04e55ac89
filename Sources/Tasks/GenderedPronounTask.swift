package import Basics

/// Gendered pronouns (Mathwin et al. 2023): "So Mary is such a good friend, isn't" is continued by
/// " she".
///
/// Corrupted by a name of the other gender, so that the corrupted prompt's own answer is the wrong
/// one. Women's and men's names alternate. Named positions: `name` and `end`.
package struct GenderedPronounTask: PairTask {
    /// The task.
    package init() {}

    /// `gendered-pronoun`.
    package let name = "gendered-pronoun"
    /// For the list of tasks.
    package let summary =
        "he or she comes next, after a name (So Mary is such a good friend, isn't)"
    /// Every word drawn is one token.
    package let hasEqualLengths = true

    /// Draws a woman's and a man's name, an adjective and a noun, one token each.
    package func pairs(
        in vocabulary: TaskVocabulary
    ) throws(Failure) -> (inout SplitMix64) -> PromptPair {
        func words(
            _ words: String, atLeast minimum: Int = 1, _ kind: String
        ) throws(Failure) -> [String] {
            try vocabulary.singleTokens(
                words.split(separator: " ").map(String.init), atLeast: minimum, of: kind, for: name)
        }
        let women = try words(Self.women, "women's names")
        let men = try words(Self.men, "men's names")
        let adjectives = try words(Self.adjectives, "adjectives")
        let nouns = try words(Self.nouns, "nouns")
        _ = try words("he she", atLeast: 2, "pronouns")
        var isWoman = false
        return { random in
            isWoman.toggle()
            let others = ["adjective": random.pick(adjectives), "noun": random.pick(nouns)]
            func prompt(_ name: String) -> PromptText {
                PromptText(
                    "So {name:name} is such a {adjective} {noun}, isn't",
                    others.merging(["name": name]) { $1 })
            }
            let (woman, man) = (random.pick(women), random.pick(men))
            let clean = prompt(isWoman ? woman : man)
            return PromptPair(
                clean: .text(clean.text), corrupted: .text(prompt(isWoman ? man : woman).text),
                answers: [.text(isWoman ? " she" : " he")],
                wrongAnswers: [.text(isWoman ? " he" : " she")], positions: clean.positions)
        }
    }

    // Names that are hardly ever given to the other gender.
    static let women = """
        Mary Sarah Jennifer Elizabeth Jessica Lisa Michelle Laura Amy Rachel Emily Rebecca Nicole \
        Stephanie Melissa Amanda Heather Katherine Christine Susan Linda Karen Nancy Helen Sandra \
        Donna Carol Ruth Anna Maria Alice Jane Julia Emma Victoria Margaret Barbara Anne Kate \
        Christina Katie Erica Vanessa Allison Megan Samantha Angela Andrea Sophia Olivia
        """
    static let men = """
        John David Michael James Robert William Richard Thomas Charles Daniel Matthew Mark Paul \
        Steven Andrew Joshua Kevin Brian George Edward Jason Jeffrey Ryan Jacob Eric Jonathan \
        Stephen Scott Benjamin Samuel Gregory Patrick Jack Peter Henry Nathan Adam Aaron Jose \
        Alexander Kenneth Anthony Joseph Christopher Nicholas Timothy Justin Brandon Jeremy Frank
        """
    // A consonant first: the template says "a".
    static let adjectives = """
        good great nice kind clever brave smart strong fast fine funny wise careful talented \
        gentle polite patient creative loyal brilliant
        """
    static let nouns = """
        friend person teacher student doctor writer singer leader cook driver lawyer dancer \
        worker player neighbor artist scientist
        """
}
