import Basics

/// How byte-level BPE cuts a text into words, by the name that a GGUF file says in
/// `tokenizer.ggml.pre`, as llama.cpp defines it.
package struct GGUFPreTokenizer: Sendable {
    /// How words are cut, one pattern after the other.
    private enum Rules {
        case gpt2
        case numbersApart
        case cl100k(maximumDigits: Int)
        /// A regular expression.
        case expression(String)
        /// What llama.cpp does where no name is said.
        case unnamed
    }

    /// Names that mean the same.
    private struct Group {
        let names: [String]
        let rules: Rules
        /// Whether a word that is a token is taken as it is, whatever the merges would make of it.
        var ignoresMerges = false
    }

    private static let groups: [Group] = [
        Group(
            names: [
                "gpt-2", "phi-2", "jina-es", "jina-de", "mpt", "olmo", "jais", "trillion",
                "granite-docling",
            ], rules: .gpt2),
        Group(
            names: [
                "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b",
            ], rules: .numbersApart),
        Group(
            names: [
                "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0",
                "lfm2",
            ], rules: .cl100k(maximumDigits: 3), ignoresMerges: true),
        Group(names: ["dbrx", "smaug-bpe"], rules: .cl100k(maximumDigits: 3)),
        Group(
            names: ["qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan", "megrez"],
            rules: .cl100k(maximumDigits: 1)),
        Group(
            names: ["tekken"], rules: .expression(SplitPattern.tekkenSource), ignoresMerges: true),
        Group(
            names: ["gpt-4o", "llama4", "kanana2"], rules: .expression(SplitPattern.gpt4oSource)),
        Group(names: [unnamed], rules: .unnamed),
    ]

    /// What a file without the key means.
    static let unnamed = "default"

    /// The names that are known.
    package static let names = groups.flatMap(\.names)

    /// The name.
    let name: String
    private let group: Group

    /// The pre-tokenizer of a name, or nil if it isn't one of ``names``.
    init?(named name: String) {
        guard let group = Self.groups.first(where: { $0.names.contains(name) }) else { return nil }
        self.name = name
        self.group = group
    }

    /// Whether a text begins with BOS where the file doesn't say so.
    var addsBOS: Bool { name.hasPrefix("llama-") || name == "llama3" }

    /// Whether a word that is a token is taken as it is, whatever the merges would make of it.
    var ignoresMerges: Bool { group.ignoresMerges }

    /// The steps that cut a text; `place` names the file in errors.
    func steps(place: String) throws(RegularExpression.SyntaxError) -> [PreTokenizer.Step] {
        func regex(_ source: String) throws(RegularExpression.SyntaxError) -> SplitPattern {
            try SplitPattern(regex: source, place: place)
        }
        let patterns: [SplitPattern]
        switch group.rules {
        case .gpt2: patterns = [.gpt2]
        case .numbersApart: patterns = [.number, .gpt2]
        case .cl100k(let digits): patterns = [.cl100k(maximumDigits: digits)]
        case .expression(let source): patterns = [try regex(source)]
        case .unnamed:
            patterns = [
                try regex(#"[\p{P}$+<=>^~|]+"#), .gpt2, .numbers, try regex("[0-9][0-9][0-9]"),
            ]
        }
        return patterns.map { .split($0, .isolated, inverted: false) }
    }
}
