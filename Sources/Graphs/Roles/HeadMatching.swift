import Artifacts

/// Which heads of two circuits play the same part: each at most once, so that the similarities of their
/// roles, as far as they are above the least one asked for, have the largest sum.
package struct HeadMatching: Hashable, Sendable {
    /// Two heads that were matched.
    package struct Match: Hashable, Sendable {
        /// The first circuit's head.
        package var first: HeadRole
        /// The second circuit's head.
        package var second: HeadRole
        /// How alike they are.
        package var similarity: RoleSimilarity
        /// The similarity minus the largest one that either has with another head of the other circuit:
        /// how sure the match is. Below 0 where another one is more alike, but goes elsewhere; nil where
        /// there is no other.
        package var gap: Double?
    }

    /// A similarity below which heads aren't held for counterparts, unless another is asked for.
    package static let usualLeast = 0.7

    /// The matches, in the order of the first circuit's heads.
    package let matches: [Match]
    /// The first circuit's heads without a counterpart.
    package let unmatchedFirst: [HeadRole]
    /// The second circuit's heads without a counterpart.
    package let unmatchedSecond: [HeadRole]
    /// The mean similarity of any head of the first with any of the second: what a match is to be
    /// compared with. NaN where either circuit has no heads.
    package let meanSimilarity: Double
    /// The least similarity of a match.
    package let least: Double

    /// Matches the heads of two circuits.
    package init(_ first: [HeadRole], _ second: [HeadRole], least: Double = usualLeast) {
        let similarities = first.map { mine in second.map { RoleSimilarity(mine, $0) } }
        let values = similarities.map { row in row.map(\.value) }
        // What is exactly as alike as asked for is a match: it gains the least that there is.
        let gains = values.flatMap { row in row.map { $0 >= least ? max($0 - least, 1e-12) : 0 } }
        let assignment = Assignment(
            gains: DenseArray(shape: [first.count, second.count], values: gains))
        var matches: [Match] = []
        for (row, column) in assignment.columnOfRow.enumerated() {
            guard let column else { continue }
            let others =
                second.indices.filter { $0 != column }.map { values[row][$0] }
                + first.indices.filter { $0 != row }.map { values[$0][column] }
            matches.append(
                Match(
                    first: first[row], second: second[column],
                    similarity: similarities[row][column],
                    gap: others.max().map { values[row][column] - $0 }))
        }
        self.matches = matches
        let taken = Set(assignment.columnOfRow.compactMap { $0 })
        unmatchedFirst = first.indices.filter { assignment.columnOfRow[$0] == nil }.map {
            first[$0]
        }
        unmatchedSecond = second.indices.filter { !taken.contains($0) }.map { second[$0] }
        let all = values.flatMap { $0 }
        meanSimilarity = all.isEmpty ? .nan : all.reduce(0, +) / Double(all.count)
        self.least = least
    }

    /// The parts that were compared in any of the matches.
    package var parts: [RoleSimilarity.Part] {
        RoleSimilarity.Part.allCases.filter { part in
            matches.contains { $0.similarity.parts[part] != nil }
        }
    }
}
