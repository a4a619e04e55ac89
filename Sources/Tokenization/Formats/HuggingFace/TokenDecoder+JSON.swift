import Basics

extension TokenDecoder {
    /// The decoder that `tokenizer.json` describes, for tokens that aren't written in the byte
    /// alphabet. Throws on steps that this one doesn't have.
    init(
        _ component: TokenizerDocument.Component?, _ bad: (String) -> Failure
    ) throws(Failure) {
        guard let component else {
            separator = [UInt8(ascii: " ")]
            return
        }
        try append(component, bad)
    }

    private mutating func append(
        _ component: TokenizerDocument.Component, _ bad: (String) -> Failure
    ) throws(Failure) {
        switch component.type {
        case "Sequence":
            for part in component.decoders ?? [] { try append(part, bad) }
        case "Replace":
            guard let old = component.pattern?.String else {
                throw bad("its decoder `Replace` has no plain text to replace")
            }
            steps.append(.replace(Array(old.utf8), Array((component.content ?? "").utf8)))
        case "ByteFallback":
            steps.append(.bytes)
        case "Fuse":
            steps.append(.fuse)
        case "Strip":
            steps.append(
                .strip(
                    Array((component.content ?? " ").utf8), start: component.start ?? 0,
                    stop: component.stop ?? 0))
        case "Metaspace":
            let drops =
                component.prepend_scheme.map { $0 != "never" } ?? component.add_prefix_space ?? true
            steps.append(
                .spaces(Array((component.replacement ?? "\u{2581}").utf8), dropsFirst: drops))
        default:
            throw bad("its decoder `\(component.type)` is not supported")
        }
    }
}
