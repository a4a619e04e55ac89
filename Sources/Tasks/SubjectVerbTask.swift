package import Basics

/// Subject-verb agreement across an attractor (Linzen et al. 2016; Marvin and Linzen 2018): "The keys
/// near the cabinet" is continued by " are" rather than " is".
///
/// Corrupted by the subject in the other number. The noun between has the number that the subject
/// doesn't have, so that the nearest noun misleads. Singular and plural alternate. Named positions:
/// `subject`, `attractor` and `end`.
package struct SubjectVerbTask: PairTask {
    /// The task.
    package init() {}

    /// `subject-verb`.
    package let name = "subject-verb"
    /// For the list of tasks.
    package let summary =
        "a verb in its subject's number comes next, past another noun (The keys near the cabinet)"
    /// Every noun drawn is one token.
    package let hasEqualLengths = true

    /// Draws two nouns, one token each in singular and plural.
    package func pairs(
        in vocabulary: TaskVocabulary
    ) throws(Failure) -> (inout SplitMix64) -> PromptPair {
        let nouns = try vocabulary.singleTokenPairs(Self.nouns, atLeast: 2, of: "nouns", for: name)
        let verbs = try vocabulary.singleTokenPairs(
            "is are was were", atLeast: 1, of: "verbs", for: name)
        let singular = verbs.map { PromptPair.Content.text(" " + $0.first) }
        let plural = verbs.map { PromptPair.Content.text(" " + $0.second) }
        var isPlural = false
        return { random in
            isPlural.toggle()
            let drawn = random.pick(2, of: nouns)
            let (one, many) = (drawn[0].first, drawn[0].second)
            func prompt(_ subject: String) -> PromptText {
                PromptText(
                    "The {subject:subject} near the {attractor:attractor}",
                    ["subject": subject, "attractor": isPlural ? drawn[1].first : drawn[1].second])
            }
            let clean = prompt(isPlural ? many : one)
            return PromptPair(
                clean: .text(clean.text), corrupted: .text(prompt(isPlural ? one : many).text),
                answers: isPlural ? plural : singular, wrongAnswers: isPlural ? singular : plural,
                positions: clean.positions)
        }
    }

    static let nouns = """
        key keys cabinet cabinets door doors window windows house houses tree trees car cars boy boys \
        girl girls dog dogs cat cats bird birds table tables chair chairs book books teacher teachers \
        student students doctor doctors river rivers road roads ship ships train trains flower flowers \
        building buildings bridge bridges tower towers church churches farmer farmers soldier soldiers \
        picture pictures lamp lamps box boxes bottle bottles horse horses
        """
}
