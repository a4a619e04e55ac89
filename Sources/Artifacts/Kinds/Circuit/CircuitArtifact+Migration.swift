extension CircuitArtifact {
    /// 1.x held metrics as the search minimises them, 2.0.0 holds them as they are named.
    static let migrations = [
        SchemaMigration(kind: .circuit, from: 1, to: SchemaVersion(2, 0, 0)) { root in
            guard MetricSign.isHigherBetter(root.optionalText("metric") ?? "") else { return }
            for name in ["full_metric", "circuit_metric", "corrupted_metric"] {
                root.negateAttribute(name)
            }
            root.groups["decisions"]?.negateDecisions()
            root.groups["runs"]?.negateColumn("circuit_metric")
            root.groups["runs"]?.groups["decisions"]?.negateDecisions()
        }
    ]
}

extension ContentGroup {
    fileprivate mutating func negateDecisions() {
        negateColumn("before")
        negateColumn("after")
    }
}
