import Basics
package import Engine
package import Tokenization

/// How executables print a prompt and the tokens that a model expects after it.
package struct NextTokensText {
    /// The tokenizer that spells tokens; nil where the model has none.
    package let tokenizer: Tokenizer?

    /// Tokens are spelt by `tokenizer`, or shown as ids.
    package init(_ tokenizer: Tokenizer?) { self.tokenizer = tokenizer }

    /// A likely next token in JSON.
    package struct Candidate: Encodable {
        var id: Int32
        /// Left out where there is no tokenizer.
        var token: String?
        var logit: Float
        /// Left out where it isn't asked for.
        var probability: Double?
    }

    /// The likeliest next tokens for JSON.
    package func candidates(
        _ next: NextTokens, withProbabilities: Bool = false
    ) -> [Candidate] {
        next.top.map {
            Candidate(
                id: $0.id, token: tokenizer?.token(for: $0.id), logit: $0.logit,
                probability: withProbabilities ? next.probability(of: $0) : nil)
        }
    }

    /// A prompt's text or ids, and how many tokens it has.
    package func title(of prompt: Prompt) -> String {
        let count = "\(prompt.ids.count) \(prompt.ids.count == 1 ? "token" : "tokens")"
        return "\(prompt.text?.debugDescription ?? "\(prompt.ids)") (\(count))"
    }

    /// The table of the likeliest next tokens, a line of column names before a line a token.
    package func table(_ next: NextTokens) -> [String] {
        [line("id", "logit", "p", "token")]
            + next.top.map { candidate in
                let percent = (1000 * next.probability(of: candidate)).rounded() / 10
                let logit = (1000 * Double(candidate.logit)).rounded() / 1000
                return line(
                    "\(candidate.id)", "\(logit)", "\(percent)%", spelling(of: candidate.id))
            }
    }

    /// The line of a token in a list of ids.
    package func line(of id: Int32) -> String {
        "\(id)".padding(to: 7, before: true) + "  " + spelling(of: id)
    }

    private func line(_ id: String, _ logit: String, _ percent: String, _ token: String) -> String {
        id.padding(to: 7, before: true) + "  " + logit.padding(to: 9, before: true) + "  "
            + percent.padding(to: 6, before: true) + "  " + token
    }

    /// A token quoted and escaped, so that spaces and line breaks are seen.
    private func spelling(of id: Int32) -> String {
        tokenizer?.token(for: id)?.debugDescription ?? ""
    }
}
