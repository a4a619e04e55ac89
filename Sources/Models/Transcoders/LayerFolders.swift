import Basics

/// Transcoders as SAELens and sparsify save them: a folder for each layer with `cfg.json` and weights.
///
/// SAELens names hooks in `cfg.json` and lays encoders out `[d_in, d_sae]`; of sparsify a folder's name is
/// the module that is replaced (`layers.3.mlp`), and its activation is a TopK after a ReLU.
struct LayerFolders {
    private let folder: String
    private static let configurationName = "cfg.json"

    /// The set whose layers' folders are in `folder`.
    init(_ folder: String) { self.folder = folder }

    /// One layer's folder.
    private struct Layer {
        var number: Int
        var name: String
        var weights: String
        var settings: Settings
    }

    /// What must be the same in all layers.
    private struct Settings: Hashable {
        var inputHook: TranscoderSet.InputHook
        var outputHook: TranscoderSet.OutputHook
        var activation: String?
        var k: Int?
        var modelName: String?
        var encoderIsInputMajor: Bool
    }

    /// What the folders say; nil where there are none.
    /// - Throws: `Failure` where one is no transcoder that can be read, or they don't make up a set.
    func configuration() throws(Failure) -> TranscoderConfiguration? {
        let names = MappedFile.names(inFolder: folder).sorted()
        if names.contains(Self.configurationName) {
            throw Failure(
                .badData,
                "\(folder): it is one layer's transcoder; give the folder that has those of all layers"
            )
        }
        var layers: [Layer] = []
        for name in names
        where MappedFile.exists("\(folder)/\(name)/\(Self.configurationName)") {
            layers.append(try layer(name))
        }
        layers.sort { $0.number < $1.number }
        guard let first = layers.first else { return nil }
        for (number, layer) in layers.enumerated() {
            guard layer.number == number else {
                throw Failure(
                    layer.number > number ? .missingInput : .badData,
                    layer.number > number
                        ? "\(folder): no folder is of layer \(number), though \(layer.name) is of layer "
                            + "\(layer.number); the set isn't complete"
                        : "\(folder): \(layers[number - 1].name) and \(layer.name) are both of layer "
                            + "\(layer.number); leave one set in the folder")
            }
            guard layer.settings == first.settings else {
                throw Failure(
                    .badData,
                    "\(folder): \(layer.name) differs from \(first.name) in hooks, activation or model; "
                        + "a set has one of each")
            }
        }
        return TranscoderConfiguration(
            inputHook: first.settings.inputHook, outputHook: first.settings.outputHook,
            activation: first.settings.activation, k: first.settings.k,
            modelName: first.settings.modelName, files: layers.map { "\($0.name)/\($0.weights)" },
            descriptions: layers.map { "\($0.name)/\(Self.configurationName)" },
            encoderIsInputMajor: first.settings.encoderIsInputMajor)
    }

    private func layer(_ name: String) throws(Failure) -> Layer {
        let path = "\(folder)/\(name)/\(Self.configurationName)"
        let content = try MappedFile(path: path).decodeJSON(
            JSONValue.self, what: "a transcoder's configuration")
        guard case .object(let fields) = content else {
            throw Failure(.badData, "\(path): not a JSON object")
        }
        return fields["architecture"] != nil
            ? try saeLens(fields, name, path) : try sparsify(fields, name, path)
    }

    /// A folder that SAELens wrote (`save_model`).
    private func saeLens(
        _ fields: [String: JSONValue], _ name: String, _ path: String
    ) throws(Failure) -> Layer {
        let architecture = fields["architecture"]?.text ?? ""
        let known = [
            "transcoder", "skip_transcoder", "jumprelu_transcoder", "jumprelu_skip_transcoder",
        ]
        guard known.contains(architecture) else {
            throw Failure(
                .badData,
                "\(path): its architecture is \(architecture.prefix(40)), and can be one of "
                    + known.joined(separator: ", "))
        }
        let normalization = fields["normalize_activations"]?.text ?? "none"
        guard normalization == "none" else {
            throw Failure(
                .badData,
                "\(path): it normalises activations (\(normalization.prefix(40))), which isn't "
                    + "supported")
        }
        var metadata = fields
        if case .object(let inner) = fields["metadata"] {
            metadata.merge(inner) { outer, _ in outer }
        }
        let reads = try hook(metadata["hook_name"], "hook_name", path)
        let writes = try hook(metadata["hook_name_out"], "hook_name_out", path)
        // TransformerLens's name for the stream that the MLP's norm reads.
        let input = reads.name == "hook_mlp_in" ? "hook_resid_mid" : reads.name
        guard let inputHook = TranscoderSet.InputHook(rawValue: input),
            let outputHook = TranscoderSet.OutputHook(rawValue: writes.name),
            reads.layer == writes.layer
        else {
            throw Failure(
                .badData,
                "\(path): it reads \(reads.name) of layer \(reads.layer) and writes \(writes.name) of "
                    + "layer \(writes.layer); a transcoder of an MLP reads "
                    + TranscoderSet.InputHook.allCases.map(\.rawValue).joined(separator: ", ")
                    + " and writes "
                    + TranscoderSet.OutputHook.allCases.map(\.rawValue).joined(separator: " or "))
        }
        return Layer(
            number: reads.layer, name: name, weights: "sae_weights.safetensors",
            settings: Settings(
                inputHook: inputHook, outputHook: outputHook,
                activation: architecture.hasPrefix("jumprelu") ? nil : "relu", k: nil,
                modelName: metadata["model_name"]?.text, encoderIsInputMajor: true))
    }

    /// The layer and the name inside it of `blocks.3.hook_mlp_out`.
    private func hook(
        _ value: JSONValue?, _ key: String, _ path: String
    ) throws(Failure) -> (layer: Int, name: String) {
        let text = value?.text ?? ""
        let parts = text.split(separator: ".", maxSplits: 2)
        guard parts.count == 3, parts[0] == "blocks", let layer = Int(parts[1]), layer >= 0 else {
            throw Failure(
                .badData,
                text.isEmpty
                    ? "\(path): no \(key), neither at the top nor in metadata, so that nobody knows what it "
                        + "replaces"
                    : "\(path): \(key) is \(text.prefix(60)), and is of the form blocks.3.hook_mlp_out"
            )
        }
        return (layer, String(parts[2]))
    }

    /// A folder that sparsify wrote (`save_to_disk`).
    private func sparsify(
        _ fields: [String: JSONValue], _ name: String, _ path: String
    ) throws(Failure) -> Layer {
        guard case .bool(true) = fields["transcode"] else {
            throw Failure(
                .badData,
                "\(path): neither SAELens's configuration of a transcoder (no architecture) nor "
                    + "sparsify's (no transcode: true)")
        }
        let activation = fields["activation"]?.text ?? "topk"
        guard activation == "topk", case .int(let k) = fields["k"], k > 0 else {
            throw Failure(
                .badData,
                "\(path): its activation is \(activation.prefix(40)), and must be topk with a k above 0"
            )
        }
        let parts = name.split(separator: ".")
        guard parts.last == "mlp", let number = parts.dropLast().last.flatMap({ Int($0) }),
            number >= 0
        else {
            throw Failure(
                .badData,
                "\(path): the folder's name says which module sparsify replaced, and \(name) is no MLP "
                    + "such as layers.3.mlp")
        }
        return Layer(
            number: number, name: name, weights: "sae.safetensors",
            settings: Settings(
                inputHook: .mlpIn, outputHook: .mlpModule, activation: "positive-topk", k: k,
                modelName: nil, encoderIsInputMajor: false))
    }
}

extension JSONValue {
    fileprivate var text: String? {
        if case .string(let text) = self { text } else { nil }
    }
}
