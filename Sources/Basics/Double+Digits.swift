import Glibc

extension Double {
    /// The number as people read it: as it was typed where it has at most six significant digits,
    /// otherwise rounded to six.
    package var inSixDigits: String { "\(rounded(toDigits: 6))" }

    /// The nearest number of so many significant decimal digits.
    package func rounded(toDigits digits: Int) -> Double {
        guard isFinite else { return self }
        // C's own, as Foundation would be loaded by every executable; 32 digits are more than any has.
        var text = [CChar](repeating: 0, count: 48)
        let decimals = Int32(Swift.min(Swift.max(1, digits), 32) - 1)
        _ = withVaList([decimals, self]) { vsnprintf(&text, text.count, "%.*e", $0) }
        return strtod(text, nil)
    }

    /// The number with the fewest significant digits, three at least, that is near this one and within
    /// a range; this one where no shorter one is.
    package func shortest(in range: ClosedRange<Double>) -> Double {
        for digits in 3...14 {
            let candidate = rounded(toDigits: digits)
            if range.contains(candidate) { return candidate }
        }
        return self
    }
}
