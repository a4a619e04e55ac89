package import Artifacts
import Basics
import Glibc
import Models

/// The files that the steps of a provenance read, as they are now.
package struct ReferencedFiles {
    /// The artifact whose provenance it is.
    package let artifact: ArtifactFile

    /// The files of an artifact's provenance.
    package init(artifact: ArtifactFile) { self.artifact = artifact }

    /// What became of the files: an error for each that isn't there or was changed, a note for what
    /// can't be compared. An artifact that is named by its digest has to be among them.
    ///
    /// - Throws: what reading the provenance throws.
    package func problems() throws(ArtifactError) -> [Diagnostic] {
        var found: [Diagnostic] = []
        let digests = Set(
            try artifact.provenance().records.flatMap { record in
                record.step?.inputs.compactMap(\.digest) ?? []
            })
        for (attribute, digest) in try artifact.referencedDigests()
        where !digests.contains(digest) {
            found.append(
                Diagnostic(
                    path: "/@\(attribute)", "no step of the provenance has read this artifact"))
        }
        var seen: Set<ProvenanceStep.Input> = []
        for (index, record) in try artifact.provenance().records.enumerated() {
            for input in record.step?.inputs ?? [] where seen.insert(input).inserted {
                guard let problem = problem(with: input) else { continue }
                found.append(
                    Diagnostic(
                        problem.severity, path: "/provenance/record[\(index)]",
                        "\(input.name) \(input.path): \(problem.message)"))
            }
        }
        return found
    }

    private func problem(
        with input: ProvenanceStep.Input
    ) -> (severity: Diagnostic.Severity, message: String)? {
        let path = Self.withoutRun(input.path)
        if path == "-" { return (.note, "it came by a pipe, and was no file") }
        guard let place = place(of: path) else { return (.error, "it isn't there") }
        guard let wanted = input.digest else {
            return (.note, "it is there; no digest of it was recorded")
        }
        do {
            guard let digest = try digest(of: input.kind, at: place) else {
                return (.note, "it is there; what is of the kind \(input.kind) isn't compared")
            }
            if digest == wanted { return nil }
            return (
                .error,
                "it was changed: its digest is \(digest.prefix(16))..., and was "
                    + "\(wanted.prefix(16))..."
            )
        } catch {
            return (.error, "\(error)")
        }
    }

    /// The path itself, or else the file of that name beside the artifact.
    private func place(of path: String) -> String? {
        let folder = artifact.name.lastIndex(of: "/").map { artifact.name[...$0] } ?? ""
        let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
        return [path, folder + String(name)].first { access($0, R_OK) == 0 }
    }

    /// The digest of what is there now; nil for a kind whose digest isn't computed here.
    private func digest(of kind: String, at path: String) throws -> String? {
        if kind == "model" { return try ModelSource(path).digest() }
        guard ArtifactKind(rawValue: kind) != nil else { return nil }
        let file = try ArtifactFile(whole: path)
        if let error = try file.check().first(where: { $0.severity == .error }) {
            throw ArtifactError(.badData, file: path, path: error.path, error.message)
        }
        return file.header.digest
    }

    /// A recorded path without the run of a circuit that may be named after it, `c.h5#2`.
    static func withoutRun(_ path: String) -> String {
        guard let mark = path.lastIndex(of: "#"),
            !path[mark...].dropFirst().isEmpty,
            path[mark...].dropFirst().allSatisfy(\.isNumber), access(path, F_OK) != 0
        else { return path }
        return String(path[..<mark])
    }
}
