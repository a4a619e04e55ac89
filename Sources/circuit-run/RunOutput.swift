import Engine
import ModelToolSupport
import Models
import Presentation
import Tokenization

/// What is printed of a prompt: its tokens, or what the model expects after it.
struct RunOutput {
    /// The tokenizer that spells tokens; nil where the model has none.
    let tokenizer: Tokenizer?
    /// Whether it is for machines.
    let isJSON: Bool

    private struct TokensRecord: Encodable {
        var ids: [Int32]
    }

    private struct TopRecord: Encodable {
        struct Candidate: Encodable {
            var id: Int32
            var token: String?
            var logit: Float
        }
        var ids: [Int32]
        var top: [Candidate]
        var logsumexp: Double
    }

    /// The token ids of a prompt.
    func tokens(of prompt: Prompt) throws -> String {
        if isJSON { return try ArtifactJSON.encode(TokensRecord(ids: prompt.ids)) }
        let rows = prompt.ids.map { id in "  \(right("\(id)", 7))  \(spelling(of: id))" }
        return ([title(of: prompt)] + rows).joined(separator: "\n")
    }

    /// The likeliest next tokens of a prompt.
    func top(_ next: NextTokens, after prompt: Prompt) throws -> String {
        if isJSON {
            return try ArtifactJSON.encode(
                TopRecord(
                    ids: prompt.ids,
                    top: next.top.map {
                        TopRecord.Candidate(
                            id: $0.id, token: tokenizer?.token(for: $0.id), logit: $0.logit)
                    }, logsumexp: next.logSumExp))
        }
        let rows = next.top.map { candidate in
            let percent = (1000 * next.probability(of: candidate)).rounded() / 10
            let logit = (1000 * Double(candidate.logit)).rounded() / 1000
            return "  \(right("\(candidate.id)", 7))  \(right("\(logit)", 9))"
                + "  \(right("\(percent)%", 6))  \(spelling(of: candidate.id))"
        }
        let heads = "  \(right("id", 7))  \(right("logit", 9))  \(right("p", 6))  token"
        return ([title(of: prompt), heads] + rows).joined(separator: "\n")
    }

    private func title(of prompt: Prompt) -> String {
        let count = "\(prompt.ids.count) \(prompt.ids.count == 1 ? "token" : "tokens")"
        return "\(prompt.text?.debugDescription ?? "\(prompt.ids)") (\(count))"
    }

    private func spelling(of id: Int32) -> String {
        tokenizer?.token(for: id)?.debugDescription ?? ""
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
