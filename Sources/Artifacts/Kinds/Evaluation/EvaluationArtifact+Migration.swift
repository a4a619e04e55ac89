extension EvaluationArtifact {
    /// Of 1.x every file is one of 2.0.0 too: what was judged may be absent there, and columns of
    /// circuits be beside it.
    static let migrations = [
        SchemaMigration(kind: .evaluation, from: 1, to: SchemaVersion(2, 0, 0)) { _ in }
    ]
}
