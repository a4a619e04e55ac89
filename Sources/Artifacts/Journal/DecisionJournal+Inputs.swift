extension DecisionJournal {
    /// SHA-256 over everything that the decisions of a run depend on: digests of its inputs, its
    /// options, the kernels it computes with. A run only resumes from a journal with the same one.
    package static func inputsDigest(_ parts: [String]) -> String {
        sha256(parts.map { "\($0.utf8.count):\($0)" }.joined())
    }
}
