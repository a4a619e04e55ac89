package import Artifacts
import Basics

extension ArtifactFile {
    /// Reads a circuit: the run that the name (`sweep.h5#2`) or `run` says, else the artifact as it is,
    /// with all its runs.
    ///
    /// - Throws: ``Artifacts/ArtifactError`` where the file isn't a valid circuit; ``Failure``: usage
    ///   where there is no such run, or name and `run` say different ones.
    package func circuit(run: Int? = nil) throws -> Artifact<CircuitArtifact> {
        if let run, let named = self.run, run != named {
            throw Failure(.usage, "\(name): it names another run than \(run); name one")
        }
        let artifact = try readWhole(CircuitArtifact.self)
        guard let run = run ?? self.run else { return artifact }
        do {
            return artifact.replacingContent(by: try artifact.content.selectingRun(run))
        } catch {
            throw Failure(error.kind, "\(ArtifactName(name).shownPath): \(error.description)")
        }
    }
}

extension Artifact<CircuitArtifact> {
    /// What to tell the user where one circuit is needed and the artifact has several: which of them
    /// is taken, and how another one is named. Nil if it has one only, or one was named.
    package var noteOfMainRun: String? {
        guard !content.runs.isEmpty else { return nil }
        let last = content.runs.count - 1
        let taken =
            content.mainRun.map { "run \($0) (\(content.summary(ofRun: $0)))" }
            ?? "its main circuit (\(content.inCircuit.count { $0 }) edges)"
        return
            "\(ArtifactName(source).shownPath) holds \(content.runs.count) runs: \(taken) is taken; "
            + (last == 0 ? "\(source)#0 names it" : "\(source)#0 to \(source)#\(last) name one")
    }
}

extension ArtifactName {
    /// The path in messages.
    fileprivate var shownPath: String { isStandardInput ? "standard input" : path }
}
