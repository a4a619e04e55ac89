import Basics
import FoundationEssentials

extension Normalizer {
    /// The steps that `tokenizer.json` describes. Throws on those that this tokenizer doesn't have.
    init(
        _ component: TokenizerDocument.Component?, place: String, _ bad: (String) -> Failure
    ) throws(Failure) {
        if let component { try append(component, place: place, bad) }
    }

    private mutating func append(
        _ component: TokenizerDocument.Component, place: String, _ bad: (String) -> Failure
    ) throws(Failure) {
        switch component.type {
        case "Sequence":
            for part in component.normalizers ?? [] { try append(part, place: place, bad) }
        case "NFC", "NFD", "NFKC", "NFKD":
            if let form = NormalForm(rawValue: component.type) { steps.append(.form(form)) }
        case "Lowercase":
            steps.append(.lowercase)
        case "StripAccents":
            steps.append(.stripAccents)
        case "Prepend":
            steps.append(.prepend(Array((component.prepend ?? "").utf8)))
        case "Replace":
            steps.append(
                .replace(
                    try SplitPattern(component.pattern, of: "normalizer", place: place, bad),
                    Array((component.content ?? "").utf8)))
        case "Strip":
            steps.append(
                .strip(left: component.strip_left ?? true, right: component.strip_right ?? true))
        case "Precompiled":
            guard let text = component.precompiled_charsmap, let data = Data(base64Encoded: text)
            else { throw bad("its `precompiled_charsmap` is not base64") }
            if data.isEmpty { return }
            guard let map = CharacterMap(Array(data)) else {
                throw bad("its `precompiled_charsmap` is damaged")
            }
            steps.append(.map(map))
        default:
            throw bad("its normalizer `\(component.type)` is not supported")
        }
    }
}

extension SplitPattern {
    /// The pattern of a component of `tokenizer.json`, a `what`.
    init(
        _ pattern: TokenizerDocument.Component.Pattern?, of what: String, place: String,
        _ bad: (String) -> Failure
    ) throws(Failure) {
        if let literal = pattern?.String {
            self = .literal(Array(literal.utf8))
        } else if let source = pattern?.Regex {
            do {
                self = try SplitPattern(regex: source, place: place)
            } catch {
                throw bad(
                    "its \(what)'s expression `\(source)` can't be used: \(error.description)")
            }
        } else {
            throw bad("its \(what) has no pattern")
        }
    }
}
