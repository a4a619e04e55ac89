import Basics

/// `text` as XML and DOT's HTML-like labels write it: ``Swift/StringProtocol/printable``, since XML has
/// no control characters, with the characters of markup named.
func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.printable.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        // Unicode's two code points that are no characters, which XML excludes.
        case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}
