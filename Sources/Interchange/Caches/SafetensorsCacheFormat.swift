import Artifacts
import Basics
import Models

/// Activations as a file of safetensors, which PyTorch, JAX and NumPy map.
struct SafetensorsCacheFormat: InterchangeFormat {
    let name = "safetensors"
    let origin = "safetensors: activations by hook name"
    let extensions = ["safetensors"]
    let recognition = "a header of safetensors with names `clean/HOOK`"
    let reads: [ArtifactKind] = [.activationCache]
    let writes: [ArtifactKind] = [.activationCache]
    let cannotHold = CacheColumns.cannotHold
    let isBinary = true

    func recognizes(_ file: ForeignFile) -> Bool {
        file.start.count > 9 && file.start[8] == UInt8(ascii: "{")
            && String(decoding: file.start.dropFirst(8), as: UTF8.self).contains("data_offsets")
    }

    func read(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws {
        try CacheImport(file) { path throws(Failure) in try Safetensors(path: path) }
            .store(file, by: job)
    }

    private struct Entry: Encodable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    func write(_ artifact: ArtifactFile, by job: WritingJob) throws {
        let cache = try ActivationCache(artifact)
        let columns = CacheColumns(cache, hasBFloat16: true)
        var entries: [String: Entry] = [:]
        var offset = 0
        for column in columns.columns {
            let type =
                switch column.type {
                case .float32: "F32"
                case .float16: "F16"
                case .bfloat16: "BF16"
                case .int32: "I32"
                }
            entries[column.name] = Entry(
                dtype: type, shape: column.shape, data_offsets: [offset, offset + column.byteCount])
            offset += column.byteCount
        }
        var header = Array(try JSONText.line(entries).utf8)
        // Padded, so that the numbers begin at a multiple of eight bytes.
        header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
        let sink = try FileSink(job.path)
        try sink.write((0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header)
        for column in columns.columns {
            try columns.write(column) { try sink.write($0) }
        }
        try sink.commit()
        job.leaveOut(["all of the dataset but token ids", "the model"])
    }
}
