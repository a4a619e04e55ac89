/// The vocabulary that a GGUF file carries in its `tokenizer.ggml.*` metadata, as found there.
///
/// The reader of GGUF files fills it; ``Tokenizer/init(vocabulary:source:)`` interprets it.
package struct GGUFVocabulary: Hashable, Sendable {
    /// What a token is for (`tokenizer.ggml.token_type`).
    package enum TokenType: Int32, Hashable, Sendable {
        /// An ordinary token, written in the byte-level alphabet or with `▁` for spaces.
        case normal = 1
        /// Stands for text that has no token.
        case unknown = 2
        /// A special token such as `<|endoftext|>`, written as itself.
        case control = 3
        /// A token added by the model's author, written as itself.
        case userDefined = 4
        /// A slot that no text produces.
        case unused = 5
        /// One byte, written `<0xNN>`.
        case byte = 6
    }

    /// `tokenizer.ggml.model`: the kind of tokenizer. Byte-level BPE is `gpt2`, SentencePiece's BPE
    /// `llama`.
    package var model: String
    /// `general.architecture`: some families have rules of their own that no other key records.
    package var architecture: String?
    /// `tokenizer.ggml.pre`: which rules cut text before the merges, such as `smollm`.
    package var preTokenizer: String?
    /// `tokenizer.ggml.tokens`: every token, its index being its id.
    package var tokens: StringTable
    /// `tokenizer.ggml.merges`: pairs of tokens joined by a space, the first merged first.
    package var merges: StringTable
    /// `tokenizer.ggml.scores`: one a token, the best merged first; empty where there are none.
    package var scores: [Float]
    /// `tokenizer.ggml.token_type`: one raw ``TokenType`` a token. Empty where the file has none:
    /// all are then normal.
    package var tokenTypes: [Int32]
    /// `tokenizer.ggml.bos_token_id`.
    package var bosID: Int32?
    /// `tokenizer.ggml.eos_token_id`.
    package var eosID: Int32?
    /// `tokenizer.ggml.unknown_token_id`.
    package var unknownID: Int32?
    /// `tokenizer.ggml.padding_token_id`.
    package var paddingID: Int32?
    /// `tokenizer.ggml.add_bos_token`: whether a prompt starts with BOS. `nil` where the file
    /// doesn't say: the pre-tokenizer's own default then holds.
    package var addsBOS: Bool?
    /// `tokenizer.ggml.add_eos_token`: whether a prompt ends with EOS.
    package var addsEOS: Bool?
    /// `tokenizer.ggml.add_space_prefix`: whether a space is put before the text.
    package var addsSpacePrefix: Bool?
    /// Keys about the tokenizer that the file has besides those above.
    package var otherKeys: [String] = []

    /// A vocabulary of these parts.
    package init(
        model: String = "gpt2", architecture: String? = nil, preTokenizer: String? = nil,
        tokens: StringTable, merges: StringTable = StringTable(), scores: [Float] = [],
        tokenTypes: [Int32] = [], bosID: Int32? = nil, eosID: Int32? = nil,
        unknownID: Int32? = nil, paddingID: Int32? = nil, addsBOS: Bool? = nil,
        addsEOS: Bool? = nil, addsSpacePrefix: Bool? = nil
    ) {
        self.model = model
        self.architecture = architecture
        self.preTokenizer = preTokenizer
        self.tokens = tokens
        self.merges = merges
        self.scores = scores
        self.tokenTypes = tokenTypes
        self.bosID = bosID
        self.eosID = eosID
        self.unknownID = unknownID
        self.paddingID = paddingID
        self.addsBOS = addsBOS
        self.addsEOS = addsEOS
        self.addsSpacePrefix = addsSpacePrefix
    }
}
