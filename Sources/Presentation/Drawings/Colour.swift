/// A colour in sRGB, each part from 0 to 255.
struct Colour: Hashable, Sendable {
    var red: Double
    var green: Double
    var blue: Double

    init(_ red: Double, _ green: Double, _ blue: Double) {
        (self.red, self.green, self.blue) = (red, green, blue)
    }

    /// A mixture of two colours: `first` where `share` is 0, `second` where it is 1.
    static func mix(_ first: Colour, _ second: Colour, _ share: Double) -> Colour {
        func part(_ path: KeyPath<Colour, Double>) -> Double {
            first[keyPath: path] + (second[keyPath: path] - first[keyPath: path]) * share
        }
        return Colour(part(\.red), part(\.green), part(\.blue))
    }

    /// A colour of ColorBrewer's diverging scale RdBu, which colour-blind people can read too: red
    /// below 0, white at 0, blue above, darkest at -1 and 1. `value` is clamped to -1...1; NaN is grey.
    static func diverging(_ value: Double) -> Colour {
        guard !value.isNaN else { return Colour(190, 190, 190) }
        let half = value < 0 ? reds : blues
        let position = min(abs(value), 1) * Double(half.count - 1)
        let low = min(Int(position), half.count - 2)
        return mix(half[low], half[low + 1], position - Double(low))
    }

    private static let reds = [
        Colour(247, 247, 247), Colour(253, 219, 199), Colour(244, 165, 130),
        Colour(214, 96, 77), Colour(178, 24, 43), Colour(103, 0, 31),
    ]
    private static let blues = [
        Colour(247, 247, 247), Colour(209, 229, 240), Colour(146, 197, 222),
        Colour(67, 147, 195), Colour(33, 102, 172), Colour(5, 48, 97),
    ]

    /// `#1f4e9c`, as SVG and DOT write it.
    var hex: String {
        "#"
            + [red, green, blue].map { part in
                let digits = String(Int(part.rounded()), radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }.joined()
    }

    /// The nearest colour of the 6 x 6 x 6 cube that terminals number from 16.
    var terminalIndex: Int {
        func step(_ part: Double) -> Int {
            part < 48 ? 0 : part < 115 ? 1 : Int((part - 35) / 40)
        }
        return 16 + 36 * step(red) + 6 * step(green) + step(blue)
    }

    /// Whether white text is easier to read on it than black text.
    var isDark: Bool { 0.299 * red + 0.587 * green + 0.114 * blue < 128 }
}
