// The regular expressions of the well-known byte-level tokenizers, written out. Each alternative
// is commented with the part of the expression that it is; alternatives are tried in that order.

extension Span where Element == UInt8 {
    /// Where the match of GPT-2's pattern that starts at `start` ends: always beyond it.
    func endOfGPT2Word(from start: Int, limit: Int) -> Int {
        // 's|'t|'re|'ve|'m|'ll|'d
        if let end = endOfContraction(from: start, limit: limit, ignoringCase: false) { return end }
        // ` ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+`
        let first = self[start] == UInt8(ascii: " ") && start + 1 < limit ? start + 1 : start
        let (kind, next) = scalarClass(at: first)
        if kind != .space { return endOfRun(kind, from: next, limit: limit) }
        return endOfSpaces(from: start, limit: limit)
    }

    /// Where the match of cl100k's pattern that starts at `start` ends: always beyond it.
    func endOfCL100KWord(from start: Int, limit: Int, maximumDigits: Int) -> Int {
        // (?i:'s|'t|'re|'ve|'m|'ll|'d)
        if let end = endOfContraction(from: start, limit: limit, ignoringCase: true) { return end }
        let (kind, next) = scalarClass(at: start)
        // [^\r\n\p{L}\p{N}]?\p{L}+
        if kind == .letter { return endOfRun(.letter, from: next, limit: limit) }
        if kind != .number, !isLineBreak(at: start), next < limit {
            let (following, end) = scalarClass(at: next)
            if following == .letter { return endOfRun(.letter, from: end, limit: limit) }
        }
        // \p{N}{1,3}
        if kind == .number {
            var end = next
            for _ in 1..<maximumDigits where end < limit {
                let digit = scalarClass(at: end)
                if digit.kind != .number { break }
                end = digit.end
            }
            return end
        }
        // ` ?[^\s\p{L}\p{N}]+[\r\n]*`
        let first = self[start] == UInt8(ascii: " ") && next < limit ? next : start
        if scalarClass(at: first).kind == .other {
            var end = endOfRun(.other, from: first, limit: limit)
            while end < limit, isLineBreak(at: end) { end += 1 }
            return end
        }
        // `\s*[\r\n]+`
        let spacesEnd = endOfRun(.space, from: start, limit: limit)
        var lastBreak = spacesEnd
        while lastBreak > start, !isLineBreak(at: lastBreak - 1) { lastBreak -= 1 }
        if lastBreak > start { return lastBreak }
        return endOfSpaces(from: start, limit: limit)
    }

    /// `\s+(?!\S)|\s+`: all the white space at `start`, but for its last character where a word
    /// follows and it isn't the only one.
    private func endOfSpaces(from start: Int, limit: Int) -> Int {
        var lastStart = start
        var end = start
        while end < limit {
            let next = scalarClass(at: end)
            if next.kind != .space { break }
            lastStart = end
            end = next.end
        }
        return end < limit && lastStart > start ? lastStart : end
    }

    private func isLineBreak(at index: Int) -> Bool {
        self[index] == UInt8(ascii: "\n") || self[index] == UInt8(ascii: "\r")
    }

    private func endOfContraction(from start: Int, limit: Int, ignoringCase: Bool) -> Int? {
        guard self[start] == UInt8(ascii: "'"), start + 1 < limit else { return nil }
        let toLower: UInt8 = ignoringCase ? 0x20 : 0
        let first = self[start + 1] | (self[start + 1] < 0x80 ? toLower : 0)
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
            return start + 2
        default:
            break
        }
        guard start + 2 < limit else { return nil }
        let second = self[start + 2] | (self[start + 2] < 0x80 ? toLower : 0)
        switch (first, second) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        case (0xC5, 0xBF) where ignoringCase:
            return start + 3  // U+017F, the long s: its upper case is S, so it matches 's
        default:
            return nil
        }
    }
}
