import Basics

/// The number of steps of an integral along a path of runs.
package enum IntegrationSteps {
    /// What is taken where nothing is said, as the MIB benchmark does.
    package static let usual = 5
    /// What may be asked for.
    package static let allowed = 1...10_000

    /// Refuses other numbers.
    /// - Throws: `Failure` (usage).
    static func check(_ steps: Int) throws(Failure) {
        guard allowed.contains(steps) else {
            throw Failure(
                .usage,
                "steps must be from \(allowed.lowerBound) to \(allowed.upperBound), not \(steps)")
        }
    }
}

extension ParameterName<Int> {
    /// Steps of an integral.
    package static var steps: Self { Self("steps") }
}
