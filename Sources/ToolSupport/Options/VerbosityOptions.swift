import ArgumentParser

/// How much a tool says on stderr.
package enum Verbosity: Hashable, Sendable {
    /// Warnings and errors only.
    case quiet
    /// Also progress, and what the user would want to know: that a file was reused, for instance.
    case normal
    /// Also counts and times of the work.
    case verbose
}

/// `--quiet` and `--verbose`.
package struct VerbosityOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Say nothing on stderr but warnings and errors.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say on stderr what was done, how often, and in what time.")
    var verbose = false

    /// Options as the parser fills them.
    package init() {}

    /// Refuses both flags at once.
    package func validate() throws {
        if quiet && verbose {
            throw ValidationError("--quiet and --verbose can't both be given")
        }
    }

    /// How much to say.
    package var level: Verbosity { quiet ? .quiet : verbose ? .verbose : .normal }

    /// Whether the user asked for quiet.
    package var isQuiet: Bool { quiet }

    /// Prints a line on stderr unless the user asked for quiet.
    package func note(_ message: @autoclosure () -> String) {
        if !quiet { Console.print(message()) }
    }

    /// Prints a line on stderr if the user asked for more.
    package func detail(_ message: @autoclosure () -> String) {
        if verbose { Console.print(message()) }
    }
}
