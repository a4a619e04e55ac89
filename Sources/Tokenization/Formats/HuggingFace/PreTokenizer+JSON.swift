import Basics

extension PreTokenizer {
    /// More rules than any tokenizer has; each takes its time on every word.
    private static let maximumSteps = 64

    /// The rules that `tokenizer.json` describes; `isByteLevel` says whether the words are then
    /// written in the byte alphabet. Throws on rules that this tokenizer doesn't have.
    init(
        _ component: TokenizerDocument.Component?, place: String, isByteLevel: inout Bool,
        _ bad: (String) -> Failure
    ) throws(Failure) {
        isByteLevel = false
        if let component { try append(component, place: place, &isByteLevel, bad) }
        guard steps.count <= Self.maximumSteps else {
            throw bad(
                "its pre-tokenizer has \(steps.count) rules; at most \(Self.maximumSteps) are"
                    + " supported")
        }
    }

    private mutating func append(
        _ component: TokenizerDocument.Component, place: String, _ isByteLevel: inout Bool,
        _ bad: (String) -> Failure
    ) throws(Failure) {
        if isByteLevel {
            // Such a rule would see bytes written in the alphabet, not text.
            throw bad("its pre-tokenizer `\(component.type)` comes after `ByteLevel`")
        }
        switch component.type {
        case "Sequence":
            for part in component.pretokenizers ?? [] {
                try append(part, place: place, &isByteLevel, bad)
            }
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
            let pattern = try SplitPattern(
                component.pattern, of: "pre-tokenizer", place: place, bad)
            guard let behavior = SplitBehavior(rawValue: component.behavior ?? "") else {
                throw bad("its pre-tokenizer's behaviour `\(component.behavior ?? "")` is unknown")
            }
            steps.append(.split(pattern, behavior, inverted: component.invert ?? false))
        case "WhitespaceSplit":
            steps.append(.split(.whiteSpace, .removed, inverted: false))
        case "Metaspace":
            let scheme =
                component.prepend_scheme
                ?? (component.add_prefix_space == false ? "never" : "always")
            guard let prefix = MetaspacePrefix(rawValue: scheme) else {
                throw bad("its pre-tokenizer's `prepend_scheme` `\(scheme)` is unknown")
            }
            steps.append(
                .metaspace(
                    Array((component.replacement ?? "\u{2581}").utf8), prefix: prefix,
                    splits: component.split ?? true))
        default:
            throw bad("its pre-tokenizer `\(component.type)` is not supported")
        }
    }
}
