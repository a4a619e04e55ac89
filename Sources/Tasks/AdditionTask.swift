package import Basics
import Tokenization

/// Two-digit addition (the arithmetic task of MIB, Mueller et al. 2025; Stolfo et al. 2023): "The sum of
/// 23 and 45 is" is continued by " 68".
///
/// Corrupted by another second number, such that the sum, still of two digits, has other tens: it is the
/// wrong answer. Where every digit is a token (as for SmolLM2 and Gemma) the tens of the sum are asked
/// for. Named positions: `A` (the first number), `B` (the second; its tens are `B10` where digits are
/// tokens) and `end`.
package struct AdditionTask: PairTask {
    /// The task.
    package init() {}

    /// `addition`.
    package let name = "addition"
    /// For the list of tasks.
    package let summary =
        "the sum of two numbers of two digits comes next (The sum of 23 and 45 is)"
    /// Numbers of two digits, of as many tokens each.
    package let hasEqualLengths = true

    /// How a tokenizer writes a sum after a word.
    private enum Style {
        /// One token with the space before it: ` 68`.
        case spacedNumber
        /// A space, then one token.
        case number
        /// A space, then each digit.
        case digits
    }

    /// Draws numbers of two digits whose sum has two.
    package func pairs(
        in vocabulary: TaskVocabulary
    ) throws(Failure) -> (inout SplitMix64) -> PromptPair {
        let style = try style(in: vocabulary)
        let second = style == .digits ? "{tens:B10}{units:B}" : "{b:B}"
        let space = style == .spacedNumber ? "" : " "
        return { random in
            // Up to 69, so that there are sums of other tens.
            let first = 10 + random.number(below: 60)
            let addends = Array(10..<(100 - first))
            let added = random.pick(addends)
            let tens = (first + added) / 10
            let other = random.pick(addends.filter { (first + $0) / 10 != tens })
            func prompt(_ added: Int) -> PromptText {
                PromptText(
                    "The sum of {a:A} and \(second) is" + space,
                    [
                        "a": "\(first)", "b": "\(added)", "tens": "\(added / 10)",
                        "units": "\(added % 10)",
                    ])
            }
            func answer(_ added: Int) -> PromptPair.Content {
                let sum = first + added
                switch style {
                case .spacedNumber: return .text(" \(sum)")
                case .number: return .text("\(sum)")
                case .digits: return .text("\(sum / 10)")
                }
            }
            let clean = prompt(added)
            return PromptPair(
                clean: .text(clean.text), corrupted: .text(prompt(other).text),
                answers: [answer(added)], wrongAnswers: [answer(other)],
                positions: clean.positions)
        }
    }

    private func style(in vocabulary: TaskVocabulary) throws(Failure) -> Style {
        guard let tokenizer = vocabulary.tokenizer else {
            throw Failure(
                .usage,
                "task \(name) is made of text and this model has no tokenizer; use induction")
        }
        let numbers = (10..<100).map { " \($0)" }
        if numbers.allSatisfy({ tokenizer.singleToken($0) != nil }) { return .spacedNumber }
        let pieces = try tokenizer.encodeText("is 68").suffix(2).map {
            tokenizer.token(for: $0) ?? ""
        }
        if pieces == ["6", "8"] { return .digits }
        if pieces.last == "68" { return .number }
        throw Failure(
            .badData,
            "task \(name) needs sums that are one token, or a token for each digit, and this model's "
                + "tokenizer writes ` 68` as `\(pieces.joined(separator: "|"))`")
    }
}
