extension EdgeScoresArtifact {
    /// 1.x held metrics as a search minimises them, 2.0.0 holds them as they are named.
    static let migrations = [
        SchemaMigration(kind: .edgeScores, from: 1, to: SchemaVersion(2, 0, 0)) { root in
            guard MetricSign.isHigherBetter(root.optionalText("metric") ?? "") else { return }
            root.negateAttribute("full_metric")
            root.negateAttribute("corrupted_metric")
        }
    ]
}
