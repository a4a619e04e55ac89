import Artifacts
import Discovery
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
    /// What the steering vectors are called.
    let names: [String]
    /// The steering vectors.
    let additions: [VectorAddition]

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
        struct Vector: Encodable {
            var vector: String
            var site: String
            var layer: Int32
            var scale: Float
            var positions: String
            /// Lengths of the vectors, one a position, before they are scaled.
            var norms: [Float]
            /// The mean length of the activations that they are added to.
            var activation_norm: Float?
        }
        var ids: [Int32]
        var clean: Next
        var steered: Next
        var generated: [Int32]
        var text: String?
        var vectors: [Vector]?
    }

    func text(
        of prompt: Prompt, clean: [Float], steered: [Float], generated: [Int32],
        _ pass: VectorPass
    ) throws -> String {
        let before = NextTokens(clean, count: top)
        let after = NextTokens(steered, count: top)
        if isJSON {
            return try ArtifactJSON.encode(
                Record(
                    ids: prompt.ids, clean: record(before), steered: record(after),
                    generated: generated, text: spelling(generated),
                    vectors: additions.isEmpty ? nil : vectors(pass)))
        }
        let count = "\(prompt.ids.count) \(prompt.ids.count == 1 ? "token" : "tokens")"
        var lines = ["\(prompt.text?.debugDescription ?? "\(prompt.ids)") (\(count))"]
        lines += vectors(pass).map(line)
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

    /// A record for each layer of each vector.
    private func vectors(_ pass: VectorPass) -> [Record.Vector] {
        additions.enumerated().flatMap { index, addition in
            let norms = pass.activationNorms(ofAddition: index)
            let vectors = addition.vectors
            return vectors.layers.enumerated().map { layer, number in
                Record.Vector(
                    vector: names[index], site: vectors.site, layer: number, scale: addition.scale,
                    positions: addition.positions.name,
                    norms: vectors.positions.indices.map {
                        vectors.norm(layer: layer, position: $0)
                    },
                    activation_norm: norms[layer])
            }
        }
    }

    private func line(_ vector: Record.Vector) -> String {
        func short(_ value: Float) -> String { "\((100 * Double(value)).rounded() / 100)" }
        let norms = vector.norms.map(short).joined(separator: ", ")
        let there = vector.activation_norm.map { ", activations there \(short($0))" } ?? ""
        return "  \(vector.vector) x \(vector.scale) at \(vector.site) of layer \(vector.layer), "
            + "positions \(vector.positions) (norm \(norms)\(there))"
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
