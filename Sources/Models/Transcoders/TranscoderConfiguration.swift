import Basics
import FoundationEssentials
import Yams

/// What a set says of itself: `config.yaml` beside the weights, as circuit-tracer writes and reads it, or
/// what `LayerFolders` finds.
struct TranscoderConfiguration {
    /// What the set is.
    let kind: TranscoderSet.Kind
    /// Where the encoders read.
    let inputHook: TranscoderSet.InputHook
    /// Where the decoders write.
    let outputHook: TranscoderSet.OutputHook
    /// The activation function, where it is named.
    let activation: String?
    /// How many features a TopK activation keeps.
    let k: Int?
    /// The model that the set was trained on, as its authors call it.
    let modelName: String?
    /// What its authors call the set where features are looked up, such as Neuronpedia's model id.
    let scan: String?
    /// The files of the layers, in order, where they are listed.
    let files: [String]?
    /// The files that say so, by path inside the folder.
    let descriptions: [String]
    /// Whether encoders lie by input, `[d_model, features]`; nil where the layer's file tells.
    let encoderIsInputMajor: Bool?

    static let fileName = "config.yaml"

    private struct Content: Decodable {
        // The format's own spelling.
        var model_name: String?
        var model_kind: String?
        var feature_input_hook: String?
        var feature_output_hook: String?
        var transcoders: [String]?
        var activation: String?
        var k: Int?
        var scan: Scan?
    }

    /// The name in `scan`; nil of a list, which names a set of several sources.
    private struct Scan: Decodable {
        var name: String?

        init(from decoder: any Decoder) throws {
            name = try? decoder.singleValueContainer().decode(String.self)
        }
    }

    /// A per-layer set of which each layer has a folder of its own.
    init(
        inputHook: TranscoderSet.InputHook, outputHook: TranscoderSet.OutputHook,
        activation: String?, k: Int?, modelName: String?, files: [String], descriptions: [String],
        encoderIsInputMajor: Bool
    ) {
        kind = .perLayer
        self.inputHook = inputHook
        self.outputHook = outputHook
        self.activation = activation
        self.k = k
        self.modelName = modelName
        scan = nil
        self.files = files
        self.descriptions = descriptions
        self.encoderIsInputMajor = encoderIsInputMajor
    }

    /// Reads what the set in the folder `folder` says of itself.
    /// - Throws: `Failure` where it says nothing, or too little.
    static func find(in folder: String) throws(Failure) -> TranscoderConfiguration {
        if !MappedFile.exists(folder + "/" + fileName),
            let found = try LayerFolders(folder).configuration()
        {
            return found
        }
        return try TranscoderConfiguration(folder: folder)
    }

    /// Reads `config.yaml` of the folder `folder`.
    /// - Throws: `Failure` where it isn't there, or lacks what every set has.
    init(folder: String) throws(Failure) {
        let path = folder + "/" + Self.fileName
        guard MappedFile.exists(path) else {
            throw Failure(
                .missingInput,
                "\(folder): no \(Self.fileName); a transcoder set has one beside its weights, with "
                    + "model_kind, feature_input_hook and feature_output_hook, or a folder with "
                    + "cfg.json for each layer (SAELens, sparsify)")
        }
        let file = try MappedFile(path: path)
        let content: Content
        do {
            content = try YAMLDecoder().decode(Content.self, from: Data(file.bytes))
        } catch {
            throw Failure(
                .badData, "\(path): not the YAML of a transcoder set: \(Self.line(error))")
        }
        func choice<Choice: RawRepresentable & CaseIterable>(
            _ text: String?, _ key: String, as type: Choice.Type
        ) throws(Failure) -> Choice where Choice.RawValue == String {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            guard let text else {
                throw Failure(.badData, "\(path): no \(key); it must be one of \(known)")
            }
            guard let choice = Choice(rawValue: text) else {
                throw Failure(
                    .badData, "\(path): \(key) is \(text.prefix(60)), and can be one of \(known)")
            }
            return choice
        }
        kind = try choice(content.model_kind, "model_kind", as: TranscoderSet.Kind.self)
        inputHook = try choice(
            content.feature_input_hook, "feature_input_hook", as: TranscoderSet.InputHook.self)
        outputHook = try choice(
            content.feature_output_hook, "feature_output_hook", as: TranscoderSet.OutputHook.self)
        activation = content.activation
        k = content.k
        modelName = content.model_name
        scan = content.scan?.name
        files = content.transcoders
        descriptions = [Self.fileName]
        encoderIsInputMajor = nil
        if let activation, activation != "relu", activation != "topk" {
            throw Failure(
                .badData,
                "\(path): activation is \(activation.prefix(40)), and can be relu or topk (a "
                    + "JumpReLU is known by its thresholds)")
        }
        if activation == "topk" {
            guard let k, k > 0 else {
                throw Failure(.badData, "\(path): activation is topk, but k isn't a number above 0")
            }
            guard kind == .perLayer else {
                throw Failure(.badData, "\(path): a cross-layer transcoder can't be topk")
            }
        }
    }

    /// The first line of an error of the YAML reader.
    private static func line(_ error: any Error) -> String {
        let text: String
        if let error = error as? DecodingError, case .dataCorrupted(let context) = error {
            text = context.underlyingError.map { "\($0)" } ?? context.debugDescription
        } else {
            text = "\(error)"
        }
        return String(text.split(separator: "\n").first?.prefix(120) ?? "")
    }
}
