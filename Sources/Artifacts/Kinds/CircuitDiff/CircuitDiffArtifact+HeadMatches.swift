extension CircuitDiffArtifact {
    /// Which heads of two circuits play the same part, a column for each property.
    package struct HeadMatches: Hashable, Sendable {
        /// The least similarity of a match.
        package var least: Double
        /// The mean similarity of any head of the first with any of the second; NaN where there are none.
        package var meanSimilarity: Double
        /// The first circuit's heads. Shape `[match]`.
        package var first: [String]
        /// Their counterparts in the second circuit. Shape `[match]`.
        package var second: [String]
        /// How alike their roles are, between 0 and 1. Shape `[match]`.
        package var similarity: [Double]
        /// The similarity minus the largest of either with another head; NaN without another. Shape
        /// `[match]`.
        package var gap: [Double]
        /// What was compared: `attention`, `reads`, ... Shape `[part]`.
        package var partNames: [String]
        /// The similarity of each part; NaN where it isn't known. Shape `[match, part]`.
        package var parts: DenseArray<Double>
        /// The roles of the first's heads in words. Shape `[match]`.
        package var firstRoles: [String]
        /// The roles of the second's heads in words. Shape `[match]`.
        package var secondRoles: [String]

        /// Makes matches from their columns.
        package init(
            least: Double, meanSimilarity: Double, first: [String], second: [String],
            similarity: [Double], gap: [Double], partNames: [String], parts: DenseArray<Double>,
            firstRoles: [String], secondRoles: [String]
        ) {
            self.least = least
            self.meanSimilarity = meanSimilarity
            self.first = first
            self.second = second
            self.similarity = similarity
            self.gap = gap
            self.partNames = partNames
            self.parts = parts
            self.firstRoles = firstRoles
            self.secondRoles = secondRoles
        }
    }
}

extension CircuitDiffArtifact.HeadMatches {
    var content: ContentGroup {
        var group = ContentGroup()
        group.set("least_similarity", least)
        group.set("mean_similarity", meanSimilarity)
        group.set("first", first, dim: "match")
        group.set("second", second, dim: "match")
        group.set("similarity", similarity, dim: "match")
        group.set("gap", gap, dim: "match")
        group.set("part", partNames, dim: "part", isScale: true)
        group.set("part_similarity", parts, dims: ["match", "part"])
        group.set("first_role", firstRoles, dim: "match")
        group.set("second_role", secondRoles, dim: "match")
        return group
    }

    init(_ group: ContentGroup) throws(ArtifactError) {
        self.init(
            least: try group.number("least_similarity"),
            meanSimilarity: try group.number("mean_similarity"),
            first: try group.values("first"), second: try group.values("second"),
            similarity: try group.values("similarity"), gap: try group.values("gap"),
            partNames: try group.values("part"),
            parts: try group.requiredArray("part_similarity", rank: 2),
            firstRoles: try group.values("first_role"), secondRoles: try group.values("second_role")
        )
    }
}
