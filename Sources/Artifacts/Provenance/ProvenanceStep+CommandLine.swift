extension ProvenanceStep {
    /// The command as a shell reads it.
    package var commandLine: String {
        ([tool] + arguments.map(Self.quoted)).joined(separator: " ")
    }

    /// An argument, quoted for a shell if it must be.
    private static func quoted(_ argument: String) -> String {
        let plain = argument.allSatisfy {
            $0.isLetter || $0.isNumber || "-_./=:,+@%".contains($0)
        }
        guard !plain || argument.isEmpty else { return argument }
        return "'"
            + argument.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
