/// `text` as XML and DOT's HTML-like labels write it.
func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case _ where scalar.value < 32: result += " "
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}
