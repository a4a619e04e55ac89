import Artifacts
import Basics
import Discovery
import Engine
import ModelToolSupport
import Tokenization

/// What is printed of a prompt: the likeliest next tokens before and after, and what is generated.
struct SteerOutput {
    /// How tokens are spelt.
    let spelling: NextTokensText
    /// Whether it is for machines.
    let isJSON: Bool
    /// How many next tokens.
    let top: Int
    /// What the steering vectors are called.
    let names: [String]
    /// The steering vectors.
    let additions: [VectorAddition]

    private struct Record: Encodable {
        struct Next: Encodable {
            var top: [NextTokensText.Candidate]
        }
        struct Vector: Encodable {
            var vector: String
            var site: String
            var layer: Int32
            var scale: Float
            var positions: String
            /// Lengths of the vectors, one a position, before they are scaled.
            var norms: [Float]
            /// The median length of the activations that they are added to.
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
            return try JSONText.line(
                Record(
                    ids: prompt.ids, clean: record(before), steered: record(after),
                    generated: generated, text: generatedText(generated),
                    vectors: additions.isEmpty ? nil : vectors(pass)))
        }
        var lines = [spelling.title(of: prompt)] + vectors(pass).map(line)
        let columns = [before, after].map(spelling.table)
        let width = (columns[0].map(\.count).max() ?? 0) + 4
        lines.append("  " + "before".padding(to: width) + "after")
        for (old, new) in zip(columns[0], columns[1]) {
            lines.append(trimmed("  " + old.padding(to: width) + new))
        }
        if !generated.isEmpty {
            lines.append(
                "  generated: "
                    + (generatedText(generated)?.debugDescription
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
        Record.Next(top: spelling.candidates(next, withProbabilities: true))
    }

    /// The text of generated tokens; nil where there is no tokenizer or nothing to spell.
    private func generatedText(_ ids: [Int32]) -> String? {
        ids.isEmpty ? nil : spelling.tokenizer?.decodeContinuation(ids)
    }

    private func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}
