package import Basics

/// librsvg's program `rsvg-convert`, which makes other formats of SVG.
package enum SVGConverter {
    /// A format that it makes.
    package enum Format: String, Hashable, Sendable, CaseIterable {
        /// Vectors, as papers include them.
        case pdf
        /// Pixels, two for each of the drawing's own.
        case png
    }

    /// An SVG drawing in another format.
    ///
    /// - Throws: ``Failure``: missing input where librsvg's program isn't installed, I/O where it fails.
    package static func convert(_ svg: String, to format: Format) throws(Failure) -> [UInt8] {
        var command = ["rsvg-convert", "--format", format.rawValue, "--background-color", "white"]
        if format == .png { command += ["--zoom", "2"] }
        let program = ExternalProgram(
            command: command,
            missing: Failure(
                .missingInput,
                "rsvg-convert isn't installed, and it makes PDF and PNG of drawings; install it "
                    + "(apt-get install librsvg2-bin), or use --svg and convert the file elsewhere")
        )
        return try program.output(from: svg)
    }
}
