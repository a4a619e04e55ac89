package import Basics
import Synchronization
package import Tokenization

/// A model's files, opened but not read: enough for its shape, digest and tokenizer, which take
/// milliseconds where loading the weights takes half a second.
package final class ModelSource: Sendable {
    /// Where it lies: the GGUF file or the Hugging Face folder, as an absolute path.
    package let path: String
    /// Short name for people: the file's name without `.gguf`, or the folder's.
    package let name: String
    /// Shape and architecture.
    package let configuration: ModelConfiguration
    /// How the layers' weights are stored, such as `F32` or `Q4_1`.
    package let quantization: String
    /// What people should be told about the configuration, a line each: keys of which nothing is known.
    package let warnings: [String]

    private let contents: Contents
    private let layout: any ModelLayout
    private let cachedDigest = Mutex<String?>(nil)
    private let cachedTokenizer = Mutex<Tokenizer?>(nil)
    private let hasWarned = Mutex(false)

    private enum Contents: Sendable {
        case gguf(GGUFFile)
        case folder(HuggingFaceFolder)

        var catalog: TensorCatalog {
            switch self {
            case .gguf(let file): file.catalog
            case .folder(let folder): folder.catalog
            }
        }

        /// Tensors that are part of the configuration.
        var configurationTensors: Set<String> {
            switch self {
            case .gguf: GGUFFile.rotaryTensors
            case .folder: []
            }
        }
    }

    /// Opens the model named by path (a GGUF file, a Hugging Face folder, or a file inside one) or
    /// by short name; see `ModelLocation`.
    package init(_ nameOrPath: String) throws(Failure) {
        path = try ModelLocation.find(nameOrPath)
        if MappedFile.isFolder(path) {
            let folder = try HuggingFaceFolder(path: path)
            contents = .folder(folder)
            layout = try folder.layout()
            let warning = UnreadParts.warning(
                about: folder.configuration, unused: layout.unusedKeys,
                family: layout.configuration.family)
            warnings = [warning].compactMap { $0 }
        } else {
            let file = try GGUFFile(path: path)
            contents = .gguf(file)
            layout = try file.layout()
            let warning = try UnreadParts.warning(
                about: file, family: layout.configuration.family)
            warnings = [warning].compactMap { $0 }
        }
        configuration = layout.configuration
        quantization = contents.catalog.mainType
        name = ModelLocation.name(of: path)
    }

    /// Reads the weights.
    /// - Parameter releasingPages: whether those that are used in place are in memory only once they are
    ///   used, not from being checked.
    package func load(
        _ precision: WeightPrecision = .asStored, releasingPages: Bool = false
    ) throws(Failure) -> Model {
        let reader = try WeightReader(contents.catalog, precision: precision)
        let weights = try layout.weights(reader)
        let catalog = contents.catalog
        let warning = try UnreadParts.check(
            reader.unasked.filter { !contents.configurationTensors.contains($0) },
            ending: layout.unusedTensors, path: catalog.path, family: configuration.family)
        return Model(
            configuration: configuration, tokenEmbedding: weights.tokenEmbedding,
            positionEmbedding: weights.positionEmbedding, layers: weights.layers,
            finalNorm: weights.finalNorm, unembedding: weights.unembedding,
            storage: try reader.finish(releasingPages: releasingPages), name: name, path: path,
            quantization: quantization,
            precision: precision, source: self,
            warnings: reader.warnings + [warning].compactMap { $0 })
    }

    /// SHA-256, in lower-case hexadecimal, computed once.
    ///
    /// Of a GGUF file it is that of the file, as `sha256sum` prints it. Of a folder it is that of
    /// the lines `sha256sum` prints for `config.json`, the weights (an index before its shards, which
    /// are sorted), `tokenizer.json` and `tokenizer_config.json`, those that are there, in that order.
    package func digest() throws(Failure) -> String {
        if let digest = cachedDigest.withLock({ $0 }) { return digest }
        let digest: String
        switch contents {
        case .gguf: digest = try ModelDigest.ofFile(path)
        case .folder(let folder): digest = try ModelDigest.ofFiles(folder.files, in: folder.path)
        }
        cachedDigest.withLock { $0 = digest }
        return digest
    }

    /// What the tokenizer's files say and nothing here makes use of, the first time that it is asked for.
    package func newTokenizerWarnings() throws(Failure) -> [String] {
        let warnings = try tokenizer()?.warnings ?? []
        return hasWarned.withLock { hasWarned in
            defer { hasWarned = true }
            return hasWarned ? [] : warnings
        }
    }

    /// The tokenizer from the GGUF metadata or from `tokenizer.json`, made once; nil where there is
    /// none.
    package func tokenizer() throws(Failure) -> Tokenizer? {
        if let tokenizer = cachedTokenizer.withLock({ $0 }) { return tokenizer }
        let tokenizer: Tokenizer?
        switch contents {
        case .gguf(let file):
            guard let vocabulary = try file.vocabulary() else { return nil }
            tokenizer = try Tokenizer(vocabulary: vocabulary, source: path)
        case .folder(let folder): tokenizer = try folder.tokenizer()
        }
        cachedTokenizer.withLock { $0 = tokenizer }
        return tokenizer
    }

    /// The token that prompts begin with (BOS), by the tokenizer or by `config.json`; nil where neither
    /// says.
    package var beginningToken: Int32? {
        if let tokenizer = try? tokenizer() { return tokenizer.bosID }
        guard case .folder(let folder) = contents, folder.configuration.has("bos_token_id") else {
            return nil
        }
        return (try? folder.configuration.int("bos_token_id")).flatMap { Int32(exactly: $0) }
    }
}
