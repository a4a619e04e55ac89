/// The moment at which a search stops and what it has found is written.
struct Deadline {
    /// Thrown when it is past.
    struct Passed: Error {}

    private let end: ContinuousClock.Instant

    /// That of a search that starts now.
    init(minutes: Double) { end = ContinuousClock.now + .seconds(60 * minutes) }

    /// - Throws: `Passed` when it is.
    func check() throws(Passed) {
        if ContinuousClock.now >= end { throw Passed() }
    }
}
