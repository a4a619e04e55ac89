package import Basics
import Synchronization

/// Transcoders of all layers of a model, read in place: sparse replacements of its MLPs, whose hidden
/// units are *features*.
///
/// A feature reads a layer by its row of the encoder and writes by its row of the decoder: into the
/// same layer's output, or, of a cross-layer transcoder, into that of every later layer, too.
///
/// - Note: Dunefsky et al. 2024 (transcoders), Ameisen et al. 2025 (cross-layer transcoders); the files
///   are those of circuit-tracer, Gemma Scope, SAELens and sparsify.
package struct TranscoderSet: Sendable {
    /// Where features write.
    package enum Kind: String, CaseIterable, Sendable {
        /// Into the output of their own layer.
        case perLayer = "transcoder_set"
        /// Into that of their own and of every later layer.
        case crossLayer = "cross_layer_transcoder"
    }

    /// Where encoders read, by TransformerLens's names inside a block.
    package enum InputHook: String, CaseIterable, Sendable {
        /// The residual stream before the norm before the MLP.
        case residualMid = "hook_resid_mid"
        /// That divided by its scale (of a LayerNorm: centred first), before gain and bias.
        case normalized = "ln2.hook_normalized"
        /// What the MLP reads: with gain and bias.
        case mlpIn = "mlp.hook_in"
    }

    /// Where decoders write, by TransformerLens's names inside a block.
    package enum OutputHook: String, CaseIterable, Sendable {
        /// The MLP's output, before a norm that follows it (Gemma 2 and 3).
        case mlpModule = "mlp.hook_out"
        /// What is added to the residual stream.
        case mlpOut = "hook_mlp_out"
    }

    /// From pre-activations to activations.
    package enum Activation: Hashable, Sendable {
        /// max(z, 0)
        case relu
        /// z where it is above the feature's threshold, else 0.
        case jumpReLU
        /// The k largest of a position, negative ones too.
        case topK(Int)
        /// The k largest of a position as far as they are above 0 (sparsify).
        case positiveTopK(Int)

        /// Its name.
        package var name: String {
            switch self {
            case .relu: "relu"
            case .jumpReLU: "jumprelu"
            case .topK(let k): "topk \(k)"
            case .positiveTopK(let k): "topk \(k) above 0"
            }
        }

        /// How many of a position are kept at most; nil where any number is.
        package var k: Int? {
            switch self {
            case .relu, .jumpReLU: nil
            case .topK(let k), .positiveTopK(let k): k
            }
        }
    }

    /// The folder, as an absolute path.
    package let path: String
    /// Short name for people: the folder's.
    package let name: String
    /// Where features write.
    package let kind: Kind
    /// Where encoders read.
    package let inputHook: InputHook
    /// Where decoders write.
    package let outputHook: OutputHook
    /// The activation function.
    package let activation: Activation
    /// The layers' transcoders, first to last.
    package let layers: [Transcoder]
    /// The model that the set was trained on, as its authors call it; nil where they don't say.
    package let modelName: String?
    /// What its authors call it where features are looked up; nil where they don't say.
    package let scan: String?
    /// Its files by path, what describes the set (`config.yaml`) first.
    let files: [String]
    private let cachedDigest = OnceDigest()

    /// Features a layer.
    package var featureCount: Int { layers.first?.encoderBias.count ?? 0 }
    /// Width of what is read and written.
    package var dModel: Int { layers.first?.decoderBias.count ?? 0 }

    /// How many positions at the start of a prompt have no features and no errors: the first, and of
    /// Gemma 3's instruction-tuned models those of the opening `<bos><start_of_turn>user` and newline.
    package var quietPositionCount: Int {
        guard let modelName else { return 1 }
        return modelName.contains("gemma-3") && modelName.hasSuffix("-it") ? 4 : 1
    }

    /// The layers that features of `layer` write to.
    package func outputs(ofLayer layer: Int) -> Range<Int> {
        layer..<(kind == .perLayer ? layer + 1 : layers.count)
    }

    /// Opens the set in a folder. Only headers, biases and thresholds are read.
    /// - Throws: `Failure` where it isn't a set, or isn't whole.
    package init(_ folder: String) throws(Failure) {
        path = ModelLocation.absolute(folder)
        guard MappedFile.isFolder(path) else {
            throw Failure(
                .missingInput,
                "\(folder): no such folder; --transcoders takes one with config.yaml and weights")
        }
        name = ModelLocation.name(of: path)
        let configuration = try TranscoderConfiguration.find(in: path)
        kind = configuration.kind
        inputHook = configuration.inputHook
        outputHook = configuration.outputHook
        modelName = configuration.modelName
        scan = configuration.scan
        let reader = TranscoderReader(folder: path, configuration)
        (layers, files) = try reader.layers()
        activation =
            switch configuration.activation {
            case "topk": .topK(configuration.k ?? 0)
            case "positive-topk": .positiveTopK(configuration.k ?? 0)
            case "relu": .relu
            default: layers.first?.thresholds == nil ? .relu : .jumpReLU
            }
        try requireEqualLayers()
        if let k = activation.k, k > featureCount {
            throw Failure(
                .badData, "\(path): its k is \(k), but a layer has only \(featureCount) features")
        }
    }

    /// Refuses a model that the set doesn't fit.
    /// - Throws: `Failure` that says what differs.
    package func requireFit(_ configuration: ModelConfiguration, name: String) throws(Failure) {
        guard layers.count == configuration.nLayers else {
            throw Failure(
                .badData,
                "\(path): transcoders for \(layers.count) layers, but \(name) has "
                    + "\(configuration.nLayers)")
        }
        guard dModel == configuration.dModel else {
            throw Failure(
                .badData,
                "\(path): its transcoders are \(dModel) wide, but d_model of \(name) is "
                    + "\(configuration.dModel)")
        }
        if configuration.parallelAttentionMLP, inputHook == .residualMid {
            throw Failure(
                .badData,
                "\(path): its features read hook_resid_mid, which \(name) hasn't: its MLPs read "
                    + "the layer's input")
        }
    }

    /// SHA-256, in lower-case hexadecimal, of the lines that `sha256sum` prints for `config.yaml` and
    /// the weights, in the order of the layers.
    package func digest() throws(Failure) -> String {
        try cachedDigest.value { () throws(Failure) in try ModelDigest.ofFiles(files, in: path) }
    }

    private func requireEqualLayers() throws(Failure) {
        for (number, layer) in layers.enumerated() {
            guard layer.encoderBias.count == featureCount, layer.decoderBias.count == dModel else {
                throw Failure(
                    .badData,
                    "\(path): layer \(number) has \(layer.encoderBias.count) features of width "
                        + "\(layer.decoderBias.count), layer 0 \(featureCount) of width \(dModel)")
            }
            guard (layer.thresholds == nil) == (layers[0].thresholds == nil) else {
                throw Failure(
                    .badData, "\(path): only some layers have thresholds, layer \(number) differs")
            }
        }
    }
}

/// A digest that is computed once: of large sets that takes minutes.
private final class OnceDigest: Sendable {
    private let stored = Mutex<String?>(nil)

    func value(_ compute: () throws(Failure) -> String) throws(Failure) -> String {
        if let digest = stored.withLock({ $0 }) { return digest }
        let digest = try compute()
        stored.withLock { $0 = digest }
        return digest
    }
}
