package import Basics

/// Indirect object identification (Wang et al. 2022): "When Mary and John went to the store, John
/// gave a drink to" is continued by " Mary", the name that isn't said twice.
///
/// As in the paper that introduces ACDC, the default is one template in the order ABBA, corrupted
/// by three other names: the corrupted prompt then says nothing about who is meant. Named
/// positions: `IO` and `S1` (the first mentions of the indirect object and the subject), `S2` (the
/// subject's second) and `end`.
package struct IOITask: PairTask {
    /// The order of the first two names: the answer is A.
    package enum Order: String, CaseIterable, Hashable, Sendable {
        /// The indirect object first: "Mary and John ... John".
        case abba
        /// The subject first: "John and Mary ... John".
        case baba
        /// Either, each as likely.
        case mixed
    }

    /// What the corrupted prompt is.
    package enum Corruption: String, CaseIterable, Hashable, Sendable {
        /// All three mentions become three other names, each a different one.
        case threeNames = "abc"
        /// The second mention of the subject becomes the indirect object: the subject is then
        /// the right answer.
        case swappedSubject = "swap"
    }

    /// The order of the first two names.
    package var order: Order
    /// How prompts are corrupted.
    package var corruption: Corruption
    /// How many templates are drawn from, at most ``templates``'s count.
    package var templateCount: Int

    /// The task with these settings.
    package init(
        order: Order = .abba, corruption: Corruption = .threeNames, templateCount: Int = 1
    ) {
        self.order = order
        self.corruption = corruption
        self.templateCount = min(max(templateCount, 1), Self.templates.count)
    }

    /// `ioi`.
    package let name = "ioi"
    /// For the list of tasks.
    package let summary =
        "which of two names comes next: the one said once (Mary and John, John to)"
    /// True with one template; templates differ in length.
    package var hasEqualLengths: Bool { templateCount == 1 }

    /// Draws names, places and objects that are one token each.
    package func pairs(
        in vocabulary: TaskVocabulary
    ) throws(Failure) -> (inout SplitMix64) -> PromptPair {
        // Five names a pair: two that are meant and, in the corrupted prompt, three that aren't.
        let names = try vocabulary.singleTokens(Self.names, atLeast: 5, of: "names", for: name)
        let places = try vocabulary.singleTokens(
            Self.places, atLeast: 1, of: "places", for: name)
        let objects = try vocabulary.singleTokens(
            Self.objects, atLeast: 1, of: "objects", for: name)
        let templates = Array(Self.templates.prefix(templateCount))
        return { [order, corruption] random in
            let template = random.pick(templates)
            let isABBA = order == .abba || (order == .mixed && random.number(below: 2) == 0)
            let drawn = random.pick(5, of: names)
            let (object, subject) = (drawn[0], drawn[1])
            var words = ["place": random.pick(places), "object": random.pick(objects)]
            func prompt(_ object: String, _ first: String, _ second: String) -> PromptText {
                words["A"] = isABBA ? object : first
                words["B"] = isABBA ? first : object
                words["S"] = second
                let slots = isABBA ? ("A:IO", "B:S1") : ("A:S1", "B:IO")
                let marked =
                    template.replacing("{A}", with: "{\(slots.0)}")
                    .replacing("{B}", with: "{\(slots.1)}").replacing("{S}", with: "{S:S2}")
                return PromptText(marked, words)
            }
            let clean = prompt(object, subject, subject)
            let corrupted =
                switch corruption {
                case .threeNames: prompt(drawn[2], drawn[3], drawn[4])
                case .swappedSubject: prompt(object, subject, object)
                }
            return PromptPair(
                clean: .text(clean.text), corrupted: .text(corrupted.text),
                answers: [.text(" " + object)], wrongAnswers: [.text(" " + subject)],
                positions: clean.positions)
        }
    }
}

extension IOITask {
    /// The paper's templates, without the answer at the end. `{A}` and `{B}` are the two names in
    /// the order they are first said, `{S}` is the one said again.
    package static let templates = [
        "Then, {A} and {B} went to the {place}. {S} gave a {object} to",
        "Then, {A} and {B} had a lot of fun at the {place}. {S} gave a {object} to",
        "Then, {A} and {B} were working at the {place}. {S} decided to give a {object} to",
        "Then, {A} and {B} were thinking about going to the {place}. {S} wanted to give a {object} to",
        "Then, {A} and {B} had a long argument, and afterwards {S} said to",
        "After {A} and {B} went to the {place}, {S} gave a {object} to",
        "When {A} and {B} got a {object} at the {place}, {S} decided to give it to",
        "When {A} and {B} got a {object} at the {place}, {S} decided to give the {object} to",
        "While {A} and {B} were working at the {place}, {S} gave a {object} to",
        "While {A} and {B} were commuting to the {place}, {S} gave a {object} to",
        "After the lunch, {A} and {B} went to the {place}. {S} gave a {object} to",
        "Afterwards, {A} and {B} went to the {place}. {S} gave a {object} to",
        "Then, {A} and {B} had a long argument. Afterwards {S} said to",
        "The {place} {A} and {B} went to had a {object}. {S} gave it to",
        "Friends {A} and {B} found a {object} at the {place}. {S} gave it to",
    ]

    static let names = """
        Michael Christopher Jessica Matthew Ashley Jennifer Joshua Amanda Daniel David James Robert \
        John Joseph Andrew Ryan Brandon Jason Justin Sarah William Jonathan Stephanie Brian Nicole \
        Nicholas Anthony Heather Eric Elizabeth Adam Megan Melissa Kevin Steven Thomas Timothy \
        Christina Kyle Rachel Laura Lauren Amber Brittany Danielle Richard Kimberly Jeffrey Amy \
        Crystal Michelle Tiffany Jeremy Benjamin Mark Emily Aaron Charles Rebecca Jacob Stephen \
        Patrick Sean Erin Jamie Kelly Samantha Nathan Sara Dustin Paul Angela Tyler Scott Katherine \
        Andrea Gregory Erica Mary Travis Lisa Kenneth Bryan Lindsey Kristen Jose Alexander Jesse \
        Katie Lindsay Shannon Vanessa Courtney Christine Alicia Cody Allison Bradley Samuel
        """.split(separator: " ").map(String.init)

    static let places = [
        "store", "garden", "restaurant", "school", "hospital", "office", "house", "station",
    ]

    static let objects = [
        "ring", "kiss", "bone", "basketball", "computer", "necklace", "drink", "snack",
    ]
}
