/// JSON as Python's `json` module writes it.
enum PythonJSON {
    /// The text with `NaN` outside strings as `null`, which strict readers take.
    static func strict(_ text: [UInt8]) -> [UInt8] {
        let notANumber = Array("NaN".utf8)
        guard text.contains(UInt8(ascii: "N")) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var isInString = false
        var index = 0
        while index < text.count {
            let byte = text[index]
            if isInString {
                if byte == UInt8(ascii: "\\"), index + 1 < text.count {
                    result.append(byte)
                    index += 1
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                result.append(text[index])
                index += 1
            } else if byte == UInt8(ascii: "N"), text[index...].starts(with: notANumber) {
                result += Array("null".utf8)
                index += notANumber.count
            } else {
                isInString = byte == UInt8(ascii: "\"")
                result.append(byte)
                index += 1
            }
        }
        return result
    }

    /// A number as Python writes it: with a fraction or an exponent, and `NaN` for what isn't one.
    static func number(_ value: Double) -> String {
        value.isFinite ? "\(value)" : value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    }

    /// A text between quotation marks.
    static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
