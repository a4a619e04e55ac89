import Foundation

extension Double {
    /// The number as people read it: as it was typed where it has at most six significant digits,
    /// otherwise rounded to six.
    package var inSixDigits: String { "\(rounded(toDigits: 6))" }

    /// The nearest number of so many significant decimal digits.
    package func rounded(toDigits digits: Int) -> Double {
        isFinite ? Double(String(format: "%.\(Swift.max(1, digits) - 1)e", self)) ?? self : self
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
