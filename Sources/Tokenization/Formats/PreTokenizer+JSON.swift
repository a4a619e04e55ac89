import Basics

extension PreTokenizer {
    /// The rules that `tokenizer.json` describes. Throws on rules this tokenizer doesn't have, and
    /// where text isn't cut into bytes at all.
    init(
        _ component: TokenizerDocument.Component?, _ bad: (String) -> Failure
    ) throws(Failure) {
        steps = []
        var isByteLevel = false
        try append(component, &isByteLevel, bad)
        if !isByteLevel {
            throw bad("its pre-tokenizer has no `ByteLevel`: only byte-level BPE is supported")
        }
    }

    private mutating func append(
        _ component: TokenizerDocument.Component?, _ isByteLevel: inout Bool,
        _ bad: (String) -> Failure
    ) throws(Failure) {
        guard let component else { return }
        if isByteLevel {
            // Such a rule would see bytes written in the alphabet, not text.
            throw bad("its pre-tokenizer `\(component.type)` comes after `ByteLevel`")
        }
        switch component.type {
        case "Sequence":
            for part in component.pretokenizers ?? [] { try append(part, &isByteLevel, bad) }
        case "ByteLevel":
            if component.add_prefix_space ?? true { steps.append(.prefixSpace) }
            if component.use_regex ?? true {
                steps.append(.split(.gpt2, .isolated, inverted: false))
            }
            isByteLevel = true
        case "Digits":
            let behavior: SplitBehavior =
                component.individual_digits ?? false ? .isolated : .contiguous
            steps.append(.split(.number, behavior, inverted: false))
        case "Split":
            let pattern: SplitPattern
            if let literal = component.pattern?.String {
                pattern = .literal(Array(literal.utf8))
            } else if let source = component.pattern?.Regex {
                do {
                    pattern = try SplitPattern(regex: source)
                } catch {
                    throw bad("its pre-tokenizer's expression `\(source)` can't be used: \(error)")
                }
            } else {
                throw bad("its pre-tokenizer `Split` has no pattern")
            }
            guard let behavior = SplitBehavior(rawValue: component.behavior ?? "") else {
                throw bad("its pre-tokenizer's behaviour `\(component.behavior ?? "")` is unknown")
            }
            steps.append(.split(pattern, behavior, inverted: component.invert ?? false))
        default:
            throw bad("its pre-tokenizer `\(component.type)` is not supported")
        }
    }
}
