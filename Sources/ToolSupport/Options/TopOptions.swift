import ArgumentParser

/// `--top`: how many rows of a table are printed.
package struct TopOptions: ParsableArguments {
    @Option(help: "Rows of each table but short overviews; 0 for all.")
    var top = 20

    /// Options as the parser fills them.
    package init() {}

    /// Refuses a negative number.
    package func validate() throws {
        if top < 0 { throw ValidationError("--top can't be negative") }
    }

    /// The most rows of a table; nil for all.
    package var limit: Int? { top == 0 ? nil : top }
}
