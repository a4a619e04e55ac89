import Artifacts
import Basics
import Models

/// Activations as an archive of NumPy, as `numpy.savez` writes it.
struct NumpyCacheFormat: InterchangeFormat {
    let name = "npz"
    let origin = "NumPy: activations by hook name (`numpy.savez`, not compressed)"
    let extensions = ["npz"]
    let recognition = "a zip file of `.npy` members with names `clean/HOOK`"
    let reads: [ArtifactKind] = [.activationCache]
    let writes: [ArtifactKind] = [.activationCache]
    let cannotHold =
        CacheColumns.cannotHold + "; bfloat16, which NumPy doesn't know, becomes float32"
    let isBinary = true

    func recognizes(_ file: ForeignFile) -> Bool {
        guard file.isZip, let archive = try? NumpyArchive(path: file.path) else { return false }
        return CacheImport.recognizes(archive.names)
    }

    func read(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws {
        try CacheImport(file) { path throws(Failure) in try NumpyArchive(path: path) }
            .store(file, by: job)
    }

    func write(_ artifact: ArtifactFile, by job: WritingJob) throws {
        let cache = try ActivationCache(artifact)
        let columns = CacheColumns(cache, hasBFloat16: false)
        let zip = ZipWriter(try FileSink(job.path))
        for column in columns.columns {
            let header = Self.header(column)
            try zip.begin(
                column.name + ".npy", size: header.count + column.byteCount, alignment: 64)
            let written = header.withUnsafeBytes { bytes in
                Result { () throws(Failure) in try zip.write(bytes) }
            }
            try written.get()
            try columns.write(column) { try zip.write($0) }
        }
        try zip.finish()
        if cache.description.precision == .bfloat16 {
            job.remark("bfloat16 became float32, of the same values: NumPy has no bfloat16")
        }
        job.leaveOut(["all of the dataset but token ids", "the model"])
    }

    /// What stands before an array's numbers: magic, version 1.0, a dictionary of Python.
    private static func header(_ column: CacheColumns.Column) -> [UInt8] {
        let type =
            switch column.type {
            case .float16: "<f2"
            case .int32: "<i4"
            case .float32, .bfloat16: "<f4"
            }
        let shape = column.shape.map(String.init).joined(separator: ", ")
        var text =
            "{'descr': '\(type)', 'fortran_order': False, 'shape': "
            + "(\(shape)\(column.shape.count == 1 ? "," : "")), }"
        // Ten bytes before it and a newline after it fill a multiple of 64.
        text += String(repeating: " ", count: (64 - (text.utf8.count + 11) % 64) % 64) + "\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0]
            + [UInt8(text.utf8.count & 0xFF), UInt8(text.utf8.count >> 8)] + Array(text.utf8)
    }
}
