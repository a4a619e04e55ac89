extension DecisionJournal {
    /// SHA-256 over everything that decides how a run goes: digests of its inputs, its options, the
    /// kernels it computes with. A journal is only taken up by a run for which it is the same.
    package static func inputsDigest(_ parts: [String]) -> String {
        sha256(parts.map { "\($0.utf8.count):\($0)" }.joined())
    }
}
