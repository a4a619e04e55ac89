package import Artifacts
import Basics

/// What a format needs to turn a file into an artifact.
package struct ReadingJob {
    /// Where the artifact goes.
    let output: ArtifactOutput
    /// What the file doesn't say is taken from it; nil where none was given.
    let like: LikeArtifact?
    /// How many key-value heads the model has, where the user says so.
    let keyValueHeads: Int?
    /// Says what of the file was left out, guessed or taken from elsewhere.
    let remark: (String) -> Void
    private let step: (_ inputs: [ProvenanceStep.Input]) -> ProvenanceStep

    /// A job.
    /// - Parameters:
    ///   - output: where the artifact goes.
    ///   - like: what the file doesn't say is taken from it.
    ///   - keyValueHeads: how many the model has, where the user says so.
    ///   - step: the step of this run, with its inputs.
    ///   - remark: takes what the user should be told, a line each.
    package init(
        output: ArtifactOutput, like: LikeArtifact?, keyValueHeads: Int? = nil,
        step: @escaping (_ inputs: [ProvenanceStep.Input]) -> ProvenanceStep,
        remark: @escaping (String) -> Void
    ) {
        self.output = output
        self.like = like
        self.keyValueHeads = keyValueHeads
        self.step = step
        self.remark = remark
    }

    /// The chain of steps of an artifact that is made of `file`.
    func provenance(of file: ForeignFile) throws(ArtifactError) -> Provenance {
        let input = ProvenanceStep.Input(name: "file", kind: "file", path: file.name, digest: nil)
        return try .appending(
            step([input] + (like.map { [$0.input] } ?? [])), to: like.map { [$0.provenance] } ?? [])
    }

    /// Writes an artifact that was made of `file`.
    func store(_ content: some ArtifactContent, of file: ForeignFile) throws {
        try content.write(to: output, provenance: provenance(of: file))
    }

    /// The artifact of the same model, which `what` is taken from.
    /// - Throws: ``Basics/Failure`` (usage) where none was given.
    func requireLike(_ file: ForeignFile, for what: String) throws(Failure) -> LikeArtifact {
        guard let like else {
            throw Failure(
                .usage,
                "\(file.name): it doesn't say \(what): name with --like an artifact that does")
        }
        return like
    }
}

/// What a format needs to turn an artifact into a file.
package struct WritingJob {
    /// The path of the file, `-` for standard output.
    let path: String
    /// Says what the format can't hold of the artifact.
    let remark: (String) -> Void
    /// Of an artifact of several prompts the one that is written, where the user names one.
    let prompt: Int?

    /// A job.
    /// - Parameters:
    ///   - path: the file, `-` for standard output.
    ///   - prompt: of attribution graphs of several prompts the one that is written.
    ///   - remark: takes what the user should be told, a line each.
    package init(path: String, prompt: Int? = nil, remark: @escaping (String) -> Void) {
        self.path = path
        self.prompt = prompt
        self.remark = remark
    }

    /// Says what of an artifact the format has no place for, if there is anything.
    func leaveOut(_ parts: [String]) {
        if !parts.isEmpty { remark("left out: " + parts.joined(separator: ", ")) }
    }

    /// Writes a text, whole or not at all.
    func write(_ text: String) throws(Failure) {
        let sink = try FileSink(path)
        try sink.write(text)
        try sink.commit()
    }
}
