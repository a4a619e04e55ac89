/// The colours of roles: those of Okabe and Ito (2008), which colour-blind people can tell apart, mixed
/// with white where text stands on them.
enum RoleColour {
    /// The fill and the border of the boxes of role number `index`; the palette begins anew after eight.
    static func box(_ index: Int) -> (fill: Colour, border: Colour) {
        let colour = palette[index % palette.count]
        return (.mix(colour, white, 0.55), .mix(colour, black, 0.15))
    }

    /// The colour of the arrows that leave boxes of role number `index`.
    static func arrow(_ index: Int) -> Colour { .mix(palette[index % palette.count], black, 0.1) }

    private static let white = Colour(255, 255, 255)
    private static let black = Colour(0, 0, 0)
    private static let palette = [
        Colour(230, 159, 0), Colour(86, 180, 233), Colour(0, 158, 115), Colour(204, 121, 167),
        Colour(0, 114, 178), Colour(213, 94, 0), Colour(240, 228, 66), Colour(120, 120, 120),
    ]
}
