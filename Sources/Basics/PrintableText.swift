extension StringProtocol {
    /// The text on one line, as a terminal may print it: whatever would act on the terminal or change
    /// the order of what is read is written as `\u{1b}`, line breaks and tabs as `\n`, `\r` and `\t`.
    ///
    /// Everything that comes from a file and is printed for a person goes through here: names, paths,
    /// prompts, arguments. Escaped are control characters (C0, DEL, C1), line and paragraph separators,
    /// and invisible characters of formatting (Unicode's `Cf`: directions such as U+202E, byte order
    /// marks), but for the joiners that words and emoji are spelt with.
    package var printable: String {
        if utf8.allSatisfy({ (32..<127).contains($0) }) { return String(self) }
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.actsOnText:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The text with its line breaks kept, and each line ``printable``.
    package var printableLines: String {
        split(separator: "\n", omittingEmptySubsequences: false).map(\.printable)
            .joined(separator: "\n")
    }
}

extension Unicode.Scalar {
    /// Whether it is no visible character but changes how others are shown.
    fileprivate var actsOnText: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        // U+200C and U+200D join letters and emoji.
        case .format: value != 0x200C && value != 0x200D
        default: false
        }
    }
}
