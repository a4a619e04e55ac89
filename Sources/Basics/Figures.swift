/// Numbers as reports and drawings write them. Foundation's formatters aren't used: they would load
/// their tables at each start.
package enum Figures {
    /// `value` with about four significant digits; `-` for NaN.
    package static func short(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "-" : "\(value)" }
        let magnitude = abs(value)
        if magnitude != 0 && (magnitude < 0.0001 || magnitude >= 1e6) { return scientific(value) }
        let digits = magnitude >= 1000 ? 1 : magnitude >= 100 ? 2 : magnitude >= 10 ? 3 : 4
        return fixed(value, digits: digits)
    }

    /// `value` as ``short(_:)`` has it, without zeros at the end: `0.5`, `200`.
    package static func plain(_ value: Double) -> String {
        var text = Substring(short(value))
        guard text.contains("."), !text.contains("e") else { return String(text) }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return String(text)
    }

    /// A score or a difference, with its sign also if it is positive.
    package static func signed(_ value: Double) -> String {
        value > 0 ? "+" + short(value) : short(value)
    }

    /// A whole number with its thousands separated: `70,651`.
    package static func count(_ value: Int) -> String {
        var digits = String(value.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// `part` of `whole` in percent.
    package static func percent(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "-" }
        let share = 100 * Double(part) / Double(whole)
        return fixed(share, digits: share >= 10 ? 1 : share >= 1 ? 2 : 3) + "%"
    }

    /// `value` with a fixed number of decimals.
    package static func fixed(_ value: Double, digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
        var factor = 1.0
        for _ in 0..<digits { factor *= 10 }
        let scaled = Int((abs(value) * factor).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(scaled)" }
        let fraction = String(scaled % Int(factor))
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(sign)\(scaled / Int(factor)).\(zeros)\(fraction)"
    }

    private static func scientific(_ value: Double) -> String {
        var mantissa = value
        var exponent = 0
        while abs(mantissa) >= 10 {
            mantissa /= 10
            exponent += 1
        }
        while abs(mantissa) < 1 {
            mantissa *= 10
            exponent -= 1
        }
        let digits = fixed(mantissa, digits: 2)
        // 9.999 is rounded to 10.00.
        guard digits.hasSuffix("10.00") else { return "\(digits)e\(exponent)" }
        return (mantissa < 0 ? "-" : "") + "1.00e\(exponent + 1)"
    }
}

extension String {
    /// The string filled with spaces, behind it or before it, to `width` characters.
    package func padding(to width: Int, before: Bool = false) -> String {
        let spaces = String(repeating: " ", count: Swift.max(0, width - count))
        return before ? spaces + self : self + spaces
    }
}
