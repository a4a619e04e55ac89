import Glibc

/// Names chosen by patterns as a shell chooses files: `*`, `?` and `[..]`, where `*` passes over dots.
package enum NamePattern {
    /// The indices of the names that fit one of `patterns`, ascending.
    ///
    /// - Parameter complaint: what to say of a pattern that fits none.
    /// - Throws: `Failure` (usage) where a pattern fits none.
    package static func matches(
        of patterns: [String], among names: [String], complaint: (_ pattern: String) -> String
    ) throws(Failure) -> [Int] {
        var isChosen = [Bool](repeating: false, count: names.count)
        for pattern in patterns {
            var fitsAny = false
            for (index, name) in names.enumerated() where fnmatch(pattern, name, 0) == 0 {
                isChosen[index] = true
                fitsAny = true
            }
            if !fitsAny { throw Failure(.usage, complaint(pattern)) }
        }
        return names.indices.filter { isChosen[$0] }
    }
}
