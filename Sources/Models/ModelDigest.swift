import Basics
import Crypto

/// SHA-256 of models.
enum ModelDigest {
    /// The user's digests of large files, for as long as the process runs.
    private static let cache = DigestCache()

    /// Of one file's bytes; of a large file that hasn't changed, the one that was computed before.
    static func ofFile(_ path: String) throws(Failure) -> String {
        guard let cache else { return try ofBytes(path) }
        return try cache.digest(ofFile: path) { () throws(Failure) in try ofBytes(path) }
    }

    /// Of a text's UTF-8.
    static func ofText(_ text: String) -> String {
        var hash = SHA256()
        hash.update(data: Array(text.utf8))
        return hexadecimal(hash.finalize())
    }

    private static func ofBytes(_ path: String) throws(Failure) -> String {
        let file = try MappedFile(path: path)
        var hash = SHA256()
        // Piece by piece, as the length that the hash takes in one go is 32 bits on some systems.
        for start in stride(from: 0, to: file.bytes.count, by: 1 << 24) {
            let end = min(start + (1 << 24), file.bytes.count)
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: file.bytes[start..<end]))
            // A file larger than memory is read through once.
            file.releasePages()
        }
        return hexadecimal(hash.finalize())
    }

    /// Of the lines that `sha256sum` prints for the files `names` in `folder`.
    static func ofFiles(_ names: [String], in folder: String) throws(Failure) -> String {
        var hash = SHA256()
        for name in names {
            let line = "\(try ofFile(folder + "/" + name))  \(name)\n"
            line.utf8.withContiguousStorageIfAvailable {
                hash.update(bufferPointer: UnsafeRawBufferPointer($0))
            }
        }
        return hexadecimal(hash.finalize())
    }

    /// Of a model that was built in memory: its shape and all its weights, in the model's order.
    static func ofWeights(_ model: Model) -> String {
        var hash = SHA256()
        let shape = Array("\(model.configuration)\n".utf8)
        hash.update(data: shape)
        func add(_ values: UnsafePointer<Float>, _ count: Int) {
            hash.update(
                bufferPointer: UnsafeRawBufferPointer(
                    UnsafeBufferPointer(start: values, count: count)))
        }
        // Numbers of 16 bits count as the float32 that they are used as.
        func add(_ values: StoredValues, _ count: Int) {
            let wide = [Float](unsafeUninitializedCapacity: count) { buffer, written in
                if let base = buffer.baseAddress { values.copy(count, to: base) }
                written = count
            }
            wide.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        func add(_ affine: Affine?) {
            guard let weight = affine?.weight else { return }
            for row in 0..<weight.rows {
                add(weight.values.advanced(by: row * weight.stride), weight.columns)
            }
            if let bias = affine?.bias { add(bias.values, bias.count) }
        }
        func add(_ norm: NormWeights?) {
            for vector in [norm?.gain, norm?.bias] {
                if let vector { add(vector.values, vector.count) }
            }
        }
        for table in [model.tokenEmbedding, model.positionEmbedding] {
            guard let table else { continue }
            for row in 0..<table.count {
                add(table.values.advanced(by: row * table.dModel), table.dModel)
            }
        }
        for layer in model.layers {
            for norm in [
                layer.attentionNorm, layer.mlpNorm, layer.postAttentionNorm, layer.postMLPNorm,
                layer.attention.queryNorm, layer.attention.keyNorm,
            ] { add(norm) }
            let (attention, mlp) = (layer.attention, layer.mlp)
            for affine in [attention.query, attention.key, attention.value, attention.output] {
                add(affine)
            }
            for affine in [mlp.gate, mlp.input, mlp.output] { add(affine) }
        }
        add(model.finalNorm)
        add(model.unembedding)
        return hexadecimal(hash.finalize())
    }

    private static func hexadecimal(_ digest: SHA256Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }
}
