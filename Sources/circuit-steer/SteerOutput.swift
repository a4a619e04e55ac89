import Engine
import ModelToolSupport
import Presentation
import Tokenization

/// What is printed of a prompt: the likeliest next tokens before and after.
struct SteerOutput {
    /// The tokenizer that spells tokens; nil where the model has none.
    let tokenizer: Tokenizer?
    /// Whether it is for machines.
    let isJSON: Bool
    /// How many next tokens.
    let top: Int

    private struct Record: Encodable {
        struct Candidate: Encodable {
            var id: Int32
            var logit: Float
        }
        struct Next: Encodable {
            var top: [Candidate]
        }
        var ids: [Int32]
        var clean: Next
        var steered: Next
        var generated: [Int32]
    }

    func text(
        of prompt: Prompt, clean: [Float], steered: [Float], generated: [Int32]
    ) throws -> String {
        let before = NextTokens(clean, count: top)
        let after = NextTokens(steered, count: top)
        if isJSON {
            func next(_ tokens: NextTokens) -> Record.Next {
                Record.Next(top: tokens.top.map { Record.Candidate(id: $0.id, logit: $0.logit) })
            }
            return try ArtifactJSON.encode(
                Record(
                    ids: prompt.ids, clean: next(before), steered: next(after),
                    generated: generated))
        }
        var lines = [prompt.text ?? "ids " + prompt.ids.map(String.init).joined(separator: ",")]
        lines.append("  clean" + String(repeating: " ", count: 35) + "steered")
        for (old, new) in zip(before.top, after.top) {
            let left = line(old, before)
            lines.append(
                "  " + left + String(repeating: " ", count: max(1, 40 - left.count))
                    + line(new, after))
        }
        if !generated.isEmpty {
            lines.append("  generated: " + generated.map(spelling).joined())
        }
        return lines.joined(separator: "\n")
    }

    private func line(_ candidate: NextTokens.Candidate, _ next: NextTokens) -> String {
        let percent = (1000 * next.probability(of: candidate)).rounded() / 10
        let logit = (1000 * Double(candidate.logit)).rounded() / 1000
        return "\(candidate.id)  \(logit)  \(percent)%  \(spelling(candidate.id))"
    }

    private func spelling(_ id: Int32) -> String {
        tokenizer?.token(for: id).map { "'\($0)'" } ?? " \(id)"
    }
}
