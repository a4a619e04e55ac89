import Artifacts
import Basics

/// Control vectors of llama.cpp and repeng, as `ControlVectorFile` has them.
struct ControlVectorFormat: InterchangeFormat {
    let name = "control-vector"
    let origin = "llama.cpp and repeng: control vectors"
    let extensions = ["gguf"]
    let recognition = "a GGUF file; its architecture has to be `controlvector`"
    let reads: [ArtifactKind] = [.steeringVector]
    let writes: [ArtifactKind] = [.steeringVector]
    let cannotHold =
        "vectors of several positions, or of another site than the stream between layers; model and "
        + "dataset by digest, how vectors were made, the share of variance they explain"
    let isBinary = true

    func recognizes(_ file: ForeignFile) -> Bool { file.start.starts(with: "GGUF".utf8) }

    func read(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws {
        let (vectors, leftOut) = try ControlVectorFile.read(file.path)
        try job.store(vectors, of: file)
        if let first = leftOut.first {
            job.remark("\(leftOut.count) tensors, such as \(first), are no directions")
        }
    }

    func write(_ artifact: ArtifactFile, by job: WritingJob) throws {
        let vectors = try artifact.read(SteeringVectorArtifact.self).content
        let bytes = try ControlVectorFile.bytes(of: vectors)
        if vectors.layers.first == 0, vectors.site == ControlVectorFile.site {
            job.remark("llama.cpp reads no direction.0; repeng does")
        }
        let sink = try FileSink(job.path)
        try bytes.withUnsafeBytes { try sink.write($0) }
        try sink.commit()
    }
}
