import Engine
import ModelToolSupport
import Presentation
import Tokenization

/// What is printed of a prompt: the likeliest next tokens before and after, and what is generated.
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
            var token: String?
            var logit: Float
            var probability: Double
        }
        struct Next: Encodable {
            var top: [Candidate]
        }
        var ids: [Int32]
        var clean: Next
        var steered: Next
        var generated: [Int32]
        var text: String?
    }

    func text(
        of prompt: Prompt, clean: [Float], steered: [Float], generated: [Int32]
    ) throws -> String {
        let before = NextTokens(clean, count: top)
        let after = NextTokens(steered, count: top)
        if isJSON {
            return try ArtifactJSON.encode(
                Record(
                    ids: prompt.ids, clean: record(before), steered: record(after),
                    generated: generated, text: spelling(generated)))
        }
        let count = "\(prompt.ids.count) \(prompt.ids.count == 1 ? "token" : "tokens")"
        var lines = ["\(prompt.text?.debugDescription ?? "\(prompt.ids)") (\(count))"]
        let columns = [before, after].map { next in
            [heads] + next.top.map { line($0, next) }
        }
        let width = (columns[0].map(\.count).max() ?? 0) + 4
        lines.append("  " + left("before", width) + "after")
        for (old, new) in zip(columns[0], columns[1]) {
            lines.append(trimmed("  " + left(old, width) + new))
        }
        if !generated.isEmpty {
            lines.append(
                "  generated: "
                    + (spelling(generated)?.debugDescription
                        ?? generated.map(String.init).joined(separator: ",")))
        }
        return lines.joined(separator: "\n")
    }

    private func record(_ next: NextTokens) -> Record.Next {
        Record.Next(
            top: next.top.map {
                Record.Candidate(
                    id: $0.id, token: tokenizer?.token(for: $0.id), logit: $0.logit,
                    probability: next.probability(of: $0))
            })
    }

    private var heads: String {
        "\(right("id", 7))  \(right("logit", 9))  \(right("p", 6))  token"
    }

    private func line(_ candidate: NextTokens.Candidate, _ next: NextTokens) -> String {
        let percent = (1000 * next.probability(of: candidate)).rounded() / 10
        let logit = (1000 * Double(candidate.logit)).rounded() / 1000
        // Quoted and escaped, so that spaces and line breaks are seen.
        let token = tokenizer?.token(for: candidate.id)?.debugDescription ?? ""
        return
            "\(right("\(candidate.id)", 7))  \(right("\(logit)", 9))  \(right("\(percent)%", 6))  \(token)"
    }

    /// The text of generated tokens; nil where there is no tokenizer or nothing to spell.
    private func spelling(_ ids: [Int32]) -> String? {
        guard let tokenizer, !ids.isEmpty else { return nil }
        return tokenizer.decodeContinuation(ids)
    }

    private func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
