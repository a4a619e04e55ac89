/// A prompt while it is put together: its text, and where its named words end.
struct PromptText {
    /// The text so far.
    private(set) var text = ""
    /// Where each named word ends, in UTF-8 bytes.
    private(set) var positions: [String: PromptPair.Position] = [:]

    /// The prompt that `template` makes: each `{slot}` replaced by what `words` has for it.
    ///
    /// A slot written `{slot:NAME}` also gives its word the position name `NAME`.
    init(_ template: String, _ words: [String: String]) {
        var rest = Substring(template)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            text += rest[..<open]
            let slot = rest[rest.index(after: open)..<close].split(separator: ":")
            text += slot.first.flatMap { words[String($0)] } ?? ""
            if slot.count == 2 { positions[String(slot[1])] = .textEnd(text.utf8.count) }
            rest = rest[rest.index(after: close)...]
        }
        text += rest
    }
}
