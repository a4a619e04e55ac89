import Tasks

/// The tags by which Edge-Pruning's JSONL marks what a model should say:
/// `{"clean": "1 + 2 = <predict>3</predict>", "corrupted": "4 + 2 = <predict>6</predict>"}`.
enum PredictTag {
    static let opening = "<predict>"
    static let closing = "</predict>"

    /// The prompt before the tag and the text in it; nil without one.
    ///
    /// Spaces before the tag belong to the answer, as the tokens of the whole text have them: their
    /// reader counts the prompt's tokens without them. What follows the tag isn't predicted.
    static func parts(of text: String) -> (prompt: String, answer: String)? {
        guard let start = text.firstRange(of: opening),
            let end = text[start.upperBound...].firstRange(of: closing)
        else { return nil }
        var prompt = text[..<start.lowerBound]
        var spaces = ""
        while let last = prompt.last, last.isWhitespace {
            spaces = String(last) + spaces
            prompt.removeLast()
        }
        return (String(prompt), spaces + text[start.upperBound..<end.lowerBound])
    }

    /// A prompt with its answer marked; the answer's spaces stand before the tag.
    static func marking(_ answer: String, after prompt: String) -> String {
        let spaces = answer.prefix(while: \.isWhitespace)
        return prompt + spaces + opening + answer.dropFirst(spaces.count) + closing
    }

    /// The pair with the tags of its prompts taken for answers: that in the clean prompt is right, that
    /// in the corrupted one wrong, unless they are the same or the pair names answers itself.
    static func resolving(_ pair: PromptPair) -> PromptPair {
        guard case .text(let clean) = pair.clean, let right = parts(of: clean) else { return pair }
        var pair = pair
        pair.clean = .text(right.prompt)
        if pair.answers.isEmpty { pair.answers = [.text(right.answer)] }
        if case .text(let corrupted) = pair.corrupted, let wrong = parts(of: corrupted) {
            pair.corrupted = .text(wrong.prompt)
            if pair.wrongAnswers.isEmpty, wrong.answer != right.answer {
                pair.wrongAnswers = [.text(wrong.answer)]
            }
        }
        return pair
    }
}
