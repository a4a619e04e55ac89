package import Basics

/// Multiple choice (the task "copy colors" of MIB, Mueller et al. 2025; Wiegreffe et al. 2025): of four
/// lettered choices one is said in the question, and its letter comes next.
///
/// Corrupted by exchanging the right choice with another, whose letter is the wrong answer. Named positions:
/// `object` and `color` (in the question), `choice` (the right one) and `other` (what it is exchanged
/// with), `symbol` and `other-symbol` (their letters) and `end`.
package struct MultipleChoiceTask: PairTask {
    /// The task.
    package init() {}

    /// `multiple-choice`.
    package let name = "multiple-choice"
    /// For the list of tasks.
    package let summary =
        "the right choice's letter comes next (A box is brown. What color is a box? A. gray B. brown ...)"
    /// Every word drawn is one token.
    package let hasEqualLengths = true

    /// Draws an object, four colors and the places of two of them.
    package func pairs(
        in vocabulary: TaskVocabulary
    ) throws(Failure) -> (inout SplitMix64) -> PromptPair {
        let letters = try vocabulary.singleTokens(
            ["A", "B", "C", "D"], atLeast: 4, of: "letters", for: name)
        let colors = try vocabulary.singleTokens(
            ColoredObjectsTask.colors, atLeast: 4, of: "colors", for: name)
        let objects = try vocabulary.singleTokens(
            ColoredObjectsTask.objects, atLeast: 1, of: "objects", for: name)
        return { random in
            let listed = random.pick(4, of: colors)
            let places = random.pick(2, of: [0, 1, 2, 3])
            let (right, other) = (places[0], places[1])
            var words = ["object": random.pick(objects), "color": listed[right]]
            func prompt(_ colors: [String]) -> PromptText {
                for (place, color) in colors.enumerated() {
                    words["l\(place)"] = letters[place]
                    words["c\(place)"] = color
                }
                let lines = colors.indices.map { place in
                    switch place {
                    case right: "{l\(place):symbol}. {c\(place):choice}"
                    case other: "{l\(place):other-symbol}. {c\(place):other}"
                    default: "{l\(place)}. {c\(place)}"
                    }
                }
                return PromptText(
                    "Question: A {object:object} is {color:color}. What color is a {object}?\n"
                        + lines.joined(separator: "\n") + "\nAnswer:", words)
            }
            let clean = prompt(listed)
            var exchanged = listed
            exchanged.swapAt(right, other)
            return PromptPair(
                clean: .text(clean.text), corrupted: .text(prompt(exchanged).text),
                answers: [.text(" " + letters[right])], wrongAnswers: [.text(" " + letters[other])],
                positions: clean.positions)
        }
    }
}
