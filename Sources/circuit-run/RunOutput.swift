import Basics
import Engine
import ModelToolSupport

/// What is printed of a prompt: its tokens, or what the model expects after it.
struct RunOutput {
    /// How tokens are spelt.
    let text: NextTokensText
    /// Whether it is for machines.
    let isJSON: Bool

    private struct TokensRecord: Encodable {
        var ids: [Int32]
    }

    private struct TopRecord: Encodable {
        var ids: [Int32]
        var top: [NextTokensText.Candidate]
        var logsumexp: Double
    }

    /// The token ids of a prompt.
    func tokens(of prompt: Prompt) throws -> String {
        if isJSON { return try JSONText.line(TokensRecord(ids: prompt.ids)) }
        return lines(of: prompt, prompt.ids.map(text.line(of:)))
    }

    /// The likeliest next tokens of a prompt.
    func top(_ next: NextTokens, after prompt: Prompt) throws -> String {
        if isJSON {
            return try JSONText.line(
                TopRecord(
                    ids: prompt.ids, top: text.candidates(next), logsumexp: next.logSumExp))
        }
        return lines(of: prompt, text.table(next))
    }

    private func lines(of prompt: Prompt, _ rows: [String]) -> String {
        ([text.title(of: prompt)] + rows.map { "  " + $0 }).joined(separator: "\n")
    }
}
