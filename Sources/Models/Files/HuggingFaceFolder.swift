import Basics
import FoundationEssentials
import Tokenization

/// A folder as `save_pretrained` writes it: `config.json`, weights in safetensors in one file or in
/// shards with an index, and perhaps a tokenizer.
struct HuggingFaceFolder: Sendable {
    /// The folder.
    let path: String
    /// `config.json`.
    let configuration: HuggingFaceConfiguration
    /// All tensors of all shards.
    let catalog: TensorCatalog
    /// The files that make up the model, by name inside the folder, in the order of the digest.
    let files: [String]

    static let configurationName = "config.json"
    private static let weightsName = "model.safetensors"
    private static let indexName = "model.safetensors.index.json"

    init(path: String) throws(Failure) {
        func file(_ name: String) -> String { path + "/" + name }
        self.path = path
        configuration = try HuggingFaceConfiguration(path: file(Self.configurationName))
        var tensors: [String: StoredTensor] = [:]
        var weightFiles: [String]
        if MappedFile.exists(file(Self.weightsName)) {
            weightFiles = [Self.weightsName]
            tensors = try Safetensors(path: file(Self.weightsName)).catalog.tensors
        } else if MappedFile.exists(file(Self.indexName)) {
            let index = try MappedFile(path: file(Self.indexName))
                .decodeJSON(Index.self, what: "the index of shards")
            weightFiles = Set(index.weight_map.values).sorted()
            for shard in weightFiles {
                // A name with a slash would lead out of the folder.
                guard !shard.contains("/"), !shard.isEmpty else {
                    throw Failure(
                        .badData, "\(file(Self.indexName)): \"\(shard)\" isn't a file name")
                }
                let stored = try Safetensors(path: file(shard)).catalog.tensors
                for (name, home) in index.weight_map where home == shard {
                    guard let tensor = stored[name] else {
                        throw Failure(
                            .badData,
                            "\(file(shard)): no tensor \(name), though the index puts it there")
                    }
                    tensors[name] = tensor
                }
            }
            weightFiles.insert(Self.indexName, at: 0)
        } else {
            let pickle = MappedFile.exists(file("pytorch_model.bin"))
            throw Failure(
                pickle ? .badData : .missingInput,
                "\(path): no \(Self.weightsName)"
                    + (pickle ? "; save the model again in safetensors" : ""))
        }
        catalog = TensorCatalog(path: path, tensors: tensors)
        files = [Self.configurationName] + weightFiles + Tokenizer.files(inFolder: path)
    }

    /// The folder's tokenizer, nil where it has none.
    func tokenizer() throws(Failure) -> Tokenizer? { try Tokenizer.load(folder: path) }

    private struct Index: Decodable {
        // The format's own spelling.
        var weight_map: [String: String]
    }
}
