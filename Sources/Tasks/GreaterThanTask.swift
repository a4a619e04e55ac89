package import Basics

/// Greater-than (Hanna et al. 2023): "The war lasted from the year 1732 to the year 17" is
/// continued by a later year.
///
/// Corrupted by the ending 01, after which nearly every year is later. The right answers are all
/// later endings, the wrong ones all others. Where a tokenizer writes years digit by digit (as
/// SmolLM2's) the next digit is asked for: right are the larger tens, wrong the smaller, and the
/// same tens are neither. Named positions: `noun`, `XX1` (the end of the first century), `YY` (the
/// first year's ending, or its tens) and `end`.
package struct GreaterThanTask: PairTask {
    /// The task.
    package init() {}

    /// `greater-than`.
    package let name = "greater-than"
    /// For the list of tasks.
    package let summary =
        "a later year comes next (The war lasted from the year 1732 to the year 17)"
    /// One noun, two years.
    package let hasEqualLengths = true

    /// Draws nouns that are one token, centuries from 11 to 17, and endings that leave both right
    /// and wrong answers.
    package func pairs(
        in vocabulary: TaskVocabulary
    ) throws(Failure) -> (inout SplitMix64) -> PromptPair {
        let nouns = try vocabulary.singleTokens(Self.nouns, atLeast: 1, of: "nouns", for: name)
        let years = try YearAnswers(vocabulary)
        // Endings that leave right and wrong answers; the corrupted one is 01.
        let endings =
            switch years.step {
            case .twoDigits: Array(2..<99)
            case .oneDigit: Array(10..<90)
            }
        let template =
            years.step == .twoDigits
            ? "The {noun:noun} lasted from the year {century:XX1}{ending:YY} to the year {century}"
            : "The {noun:noun} lasted from the year {century:XX1}{tens:YY}{units} to the year {century}"
        return { random in
            let ending = random.pick(endings)
            var words = [
                "noun": random.pick(nouns), "century": String(11 + random.number(below: 7)),
            ]
            func prompt(_ ending: Int) -> PromptText {
                words["tens"] = String(ending / 10)
                words["units"] = String(ending % 10)
                words["ending"] = String(ending / 10) + String(ending % 10)
                return PromptText(template, words)
            }
            let clean = prompt(ending)
            let (right, wrong) = years.answers(after: ending)
            return PromptPair(
                clean: .text(clean.text), corrupted: .text(prompt(1).text),
                answers: right.map { .text($0) }, wrongAnswers: wrong.map { .text($0) },
                positions: clean.positions)
        }
    }

    static let nouns = """
        abduction accord affair agreement appraisal assault assessment attack attempt campaign \
        captivity case challenge chaos clash collaboration coma competition confrontation \
        conspiracy construction consultation contact contract convention cooperation custody deal \
        decline decrease demonstration development disagreement disorder dispute domination \
        dynasty effect effort employment endeavor engagement epidemic evaluation exchange \
        existence expansion expedition experiment fall fame flight friendship growth hardship \
        hostility illness impact imprisonment improvement incarceration increase insurgency \
        invasion investigation journey kingdom marriage modernization negotiation notoriety \
        obstruction operation order outbreak outcome overhaul patrol pilgrimage plague plan \
        practice process program progress project pursuit quest raid reform reign relationship \
        retaliation riot rise rivalry romance rule sanction shift siege slump stature stint strike \
        study test testing therapy tour tradition treaty trial trip unemployment voyage war warfare \
        work
        """.split(separator: " ").map(String.init)
}
