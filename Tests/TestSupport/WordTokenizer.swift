package import Tokenization

/// A byte-level tokenizer that makes one token of each of `words` after a space, and no other of
/// more than one byte but pairs of digits, where `pairsDigits` asks for them as GPT-2 has them.
package func wordTokenizer(
    _ words: some Sequence<String>, pairsDigits: Bool = false
) throws -> Tokenizer {
    var tokens = (UInt8(ascii: "!")...UInt8(ascii: "~")).map { String(UnicodeScalar($0)) }
    tokens.append("Ġ")
    var seen = Set(tokens)
    var merges: [String] = []
    func merge(_ left: String, _ right: String) {
        guard seen.insert(left + right).inserted else { return }
        tokens.append(left + right)
        merges.append(left + " " + right)
    }
    if pairsDigits {
        for tens in 0..<10 { for units in 0..<10 { merge(String(tens), String(units)) } }
        for ending in 10..<100 { merge("Ġ", String(ending)) }
    }
    for word in words {
        var token = "Ġ"
        for letter in word {
            merge(token, String(letter))
            token.append(letter)
        }
    }
    // A line feed as byte-level vocabularies write it; last, so that the ids of the others stay.
    tokens.append("Ċ")
    return try Tokenizer(
        vocabulary: GGUFVocabulary(
            preTokenizer: pairsDigits ? "gpt-2" : "smollm", tokens: StringTable(tokens),
            merges: StringTable(merges)),
        source: "word tokenizer")
}
