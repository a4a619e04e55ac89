package import Basics

/// Colored objects (BIG-bench's reasoning about colored objects; Merullo et al. 2024): of three
/// objects with their colors, one's color is asked for.
///
/// Corrupted by asking for another of the three, whose color is the wrong answer, so that all words
/// stand in both prompts. Named positions: `color` and `object` (of the one asked for, where it is
/// first said), `query` and `end`.
package struct ColoredObjectsTask: PairTask {
    /// The task.
    package init() {}

    /// `colored-objects`.
    package let name = "colored-objects"
    /// For the list of tasks.
    package let summary =
        "an object's color comes next (a red pen, a blue cup and a green book. The color of the cup is)"
    /// Every word drawn is one token.
    package let hasEqualLengths = true

    /// Draws three objects and colors, one token each.
    package func pairs(
        in vocabulary: TaskVocabulary
    ) throws(Failure) -> (inout SplitMix64) -> PromptPair {
        let colors = try vocabulary.singleTokens(
            Self.colors, atLeast: 3, of: "colors", for: name)
        let objects = try vocabulary.singleTokens(
            Self.objects, atLeast: 3, of: "objects", for: name)
        return { random in
            let (colors, objects) = (random.pick(3, of: colors), random.pick(3, of: objects))
            let asked = random.pick(2, of: [0, 1, 2])
            let (target, other) = (asked[0], asked[1])
            func prompt(_ query: Int) -> PromptText {
                let listed = (0..<3).map { index in
                    index == target
                        ? "a {c\(index):color} {o\(index):object}" : "a {c\(index)} {o\(index)}"
                }
                var words = ["query": objects[query]]
                for index in 0..<3 {
                    words["c\(index)"] = colors[index]
                    words["o\(index)"] = objects[index]
                }
                return PromptText(
                    "On the table there are \(listed[0]), \(listed[1]) and \(listed[2]). "
                        + "The color of the {query:query} is", words)
            }
            let clean = prompt(target)
            return PromptPair(
                clean: .text(clean.text), corrupted: .text(prompt(other).text),
                answers: [.text(" " + colors[target])], wrongAnswers: [.text(" " + colors[other])],
                positions: clean.positions)
        }
    }

    /// Consonants first, as of the objects: the template says "a".
    static let colors = "red blue green yellow black white brown pink purple gray"
        .split(separator: " ").map(String.init)

    static let objects =
        "pen cup book ball bag box hat plate key lamp phone pencil bottle shirt toy coin ring"
        .split(separator: " ").map(String.init)
}
