package import Basics

/// Docstring completion (Heimersheim and Janiak 2023): a Python function's docstring names its arguments
/// in order, and the third comes next.
///
/// Corrupted as in that work and in the one that introduces ACDC: the arguments of the definition become
/// other words, and those in the docstring others again. The wrong answers are the other arguments. Named
/// positions: `A1` to `A4` (the arguments), `D1` and `D2` (those that the docstring has) and `end`.
package struct DocstringTask: PairTask {
    /// The task.
    package init() {}

    /// `docstring`.
    package let name = "docstring"
    /// For the list of tasks.
    package let summary =
        "the third argument comes next in a docstring (def f(self, a, b, c, d) ... :param b: ... :param)"
    /// Every word drawn is one token.
    package let hasEqualLengths = true

    /// Draws a function's name, its arguments and the words of its description, one token each.
    package func pairs(
        in vocabulary: TaskVocabulary
    ) throws(Failure) -> (inout SplitMix64) -> PromptPair {
        // Four arguments, six other words of the corrupted prompt.
        let arguments = try vocabulary.singleTokens(
            Self.arguments, atLeast: 10, of: "arguments", for: name)
        let words = try vocabulary.singleTokens(Self.words, atLeast: 8, of: "words", for: name)
        return { random in
            let drawn = random.pick(10, of: arguments)
            let described = random.pick(8, of: words)
            func prompt(_ defined: ArraySlice<String>, _ documented: ArraySlice<String>)
                -> PromptText
            {
                var slots: [String: String] = [:]
                for (index, word) in defined.enumerated() { slots["a\(index + 1)"] = word }
                for (index, word) in documented.enumerated() { slots["d\(index + 1)"] = word }
                for (index, word) in described.enumerated() { slots["w\(index)"] = word }
                return PromptText(Self.template, slots)
            }
            let clean = prompt(drawn[0..<4], drawn[0..<2])
            return PromptPair(
                clean: .text(clean.text),
                corrupted: .text(prompt(drawn[4..<8], drawn[8..<10]).text),
                answers: [.text(" " + drawn[2])],
                wrongAnswers: [0, 1, 3].map { .text(" " + drawn[$0]) }, positions: clean.positions)
        }
    }

    private static let template = """
        def {w0}(self, {a1:A1}, {a2:A2}, {a3:A3}, {a4:A4}):
            \"""{w1} {w2} {w3}

            :param {d1:D1}: {w4} {w5}
            :param {d2:D2}: {w6} {w7}
            :param
        """

    static let arguments = """
        load size files last first start end name value key path index count data text mode type date \
        node list label state role shape code order date image model group parent child target source \
        user page item line error result level rate port host test case option
        """.split(separator: " ").map(String.init)

    static let words = """
        oil column piece crime population unit dark song moment army plane summer river window paper \
        garden winter music church bridge market farm island mountain forest kitchen dinner horse
        """.split(separator: " ").map(String.init)
}
