/// How wide text is in a drawing, so that frames fit around it.
///
/// Drawings name Helvetica, and a viewer without it takes another font. Widths are therefore those of
/// DejaVu Sans, the widest of those that are usually taken (Helvetica, Arial, Liberation Sans).
package enum TextWidth {
    /// The width of `text` at a size, in the unit of the size.
    package static func of(_ text: some StringProtocol, size: Double, isBold: Bool = false)
        -> Double
    {
        let thousandths = text.unicodeScalars.reduce(0) { $0 + width($1) }
        return Double(thousandths) / 1000 * size * (isBold ? 1.1 : 1)
    }

    /// `text` on lines that are no wider than `width`, broken between words.
    static func lines(of text: String, size: Double, width: Double) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, of("\(last) \(word)", size: size) <= width {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    /// `text`, cut short so that it is no wider than `width`.
    static func fitted(_ text: String, size: Double, width: Double) -> String {
        guard of(text, size: size) > width else { return text }
        var cut = text
        while !cut.isEmpty, of(cut + "…", size: size) > width { cut.removeLast() }
        return cut + "…"
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        let index = Int(scalar.value) - 32
        if ascii.indices.contains(index) { return ascii[index] }
        // Characters of East Asia and symbols fill a square, others are about as wide as an m.
        return scalar.value >= 0x1100 ? 1000 : 700
    }

    /// Of the characters from U+0020 to U+007E, in thousandths of the size.
    private static let ascii = [
        318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636,
        636,
        636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770,
        632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684,
        989,
        685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278,
        278,
        579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337,
        636,
        838,
    ]
}
