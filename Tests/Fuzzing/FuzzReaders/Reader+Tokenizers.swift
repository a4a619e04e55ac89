import Foundation
import Tokenization

/// A text with what tokenizers trip over: blanks of all sorts, combining marks, letters beyond 16 bits, a
/// replacement character, special tokens, digits, a long run.
let nastyText =
    "  Hello,\tworld!\r\n\n 12345 don't <|endoftext|> <s> \u{2581}e\u{301}\u{FFFD}\u{200D}\u{1F469}\u{200D}"
    + "\u{1F4BB} \u{AC00}\u{E0041}\u{0}" + String(repeating: "ab ", count: 20)

extension Reader {
    /// Tokenizers' files.
    static var tokenizers: [Reader] {
        [
            Reader(
                name: "tokenizer-json", seeds: ["tokenizer/*/tokenizer.json"]
            ) { input in
                try use(Tokenizer(tokenizerJSON: input.bytes, config: nil))
            },
            Reader(
                name: "tokenizer-config",
                seeds: ["tokenizer/*/tokenizer_config.json", "models/*/tokenizer_config.json"]
            ) { input in
                let folder = try input.makeFolder(
                    like: "tokenizer/tiny-gpt2", with: "tokenizer_config.json")
                if let tokenizer = try Tokenizer.load(folder: folder) { try use(tokenizer) }
            },
            Reader(
                name: "tokenizer-model", seeds: ["tokenizer/*/tokenizer.model"]
            ) { input in
                try use(Tokenizer(sentencePiece: input.bytes, config: nil))
            },
        ]
    }

    private static func use(_ tokenizer: Tokenizer) throws {
        let ids = try tokenizer.encode(nastyText)
        _ = tokenizer.decode(ids)
        _ = tokenizer.decodeContinuation(ids)
        _ = try tokenizer.encodeContinuation(nastyText)
        _ = tokenizer.decode([-1, 0, 1, .max])
        _ = tokenizer.id(of: "a")
        _ = try tokenizer.words(of: nastyText)
    }
}
