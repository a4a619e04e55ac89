import Basics

/// Finds the files of a transcoder set and reads the layers' shapes and biases.
struct TranscoderReader {
    private let folder: String
    private let configuration: TranscoderConfiguration

    init(folder: String, _ configuration: TranscoderConfiguration) {
        self.folder = folder
        self.configuration = configuration
    }

    /// The layers, and the files that make up the set, by path inside the folder.
    func layers() throws(Failure) -> (layers: [Transcoder], files: [String]) {
        var files = configuration.descriptions
        var layers: [Transcoder] = []
        let groups = try filesOfLayers()
        for (layer, group) in groups.enumerated() {
            var tensors: [String: StoredTensor] = [:]
            for file in group {
                let found =
                    file.hasSuffix(".npz")
                    ? try NumpyArchive(path: path(file)).catalog.tensors
                    : try Safetensors(path: path(file)).catalog.tensors
                tensors.merge(found) { first, _ in first }
            }
            files += group
            let names = TranscoderTensors(
                tensors, path: path(group[0]), layer: layer,
                encoderIsInputMajor: configuration.encoderIsInputMajor)
            layers.append(try names.transcoder(configuration.kind, layerCount: groups.count))
        }
        return (layers, files)
    }

    private func path(_ file: String) -> String { file.hasPrefix("/") ? file : folder + "/" + file }

    /// The files of each layer.
    private func filesOfLayers() throws(Failure) -> [[String]] {
        if let listed = configuration.files { return try self.listed(listed) }
        let (prefix, second) =
            configuration.kind == .perLayer ? ("layer_", nil) : ("W_enc_", "W_dec_")
        // Every layer from 0 on: one beyond a gap shows that a layer is missing.
        let names = Set(MappedFile.names(inFolder: folder))
        let numbers = names.compactMap { name -> Int? in
            guard name.hasPrefix(prefix), name.hasSuffix(".safetensors") else { return nil }
            let number = name.dropFirst(prefix.count).dropLast(".safetensors".count)
            return UInt16(number).map { Int($0) }
        }
        guard let last = numbers.max() else {
            throw Failure(
                .missingInput,
                "\(folder): no \(prefix)0.safetensors, and config.yaml lists no transcoders")
        }
        var groups: [[String]] = []
        for layer in 0...last {
            let group = [prefix, second].compactMap { $0.map { "\($0)\(layer).safetensors" } }
            if let missing = group.first(where: { !names.contains($0) }) {
                throw Failure(
                    .missingInput,
                    "\(folder): no \(missing), though there is layer \(last); the set isn't complete"
                )
            }
            groups.append(group)
        }
        return groups
    }

    /// The files that `config.yaml` lists, where they are in the folder.
    private func listed(_ paths: [String]) throws(Failure) -> [[String]] {
        var groups: [[String]] = []
        for listed in paths {
            // hf://owner/repository/path?revision=...: here is where the repository lies.
            var file = String(listed.split(separator: "?").first ?? "")
            if file.hasPrefix("hf://") {
                file = file.split(separator: "/").dropFirst(3).joined(separator: "/")
            }
            let base = file.split(separator: "/").last.map(String.init) ?? file
            guard let found = [file, base].first(where: { MappedFile.exists(path($0)) }) else {
                throw Failure(
                    .missingInput,
                    "\(folder): no \(file), which config.yaml lists as \(listed.prefix(120)); put it "
                        + "there")
            }
            groups.append([found])
        }
        guard !groups.isEmpty else {
            throw Failure(.badData, "\(folder)/config.yaml: its list of transcoders is empty")
        }
        // Some of Gemma Scope 2's list the last layer of a cross-layer transcoder twice.
        if configuration.kind == .crossLayer, groups.count > 1,
            groups[groups.count - 1] == groups[groups.count - 2]
        {
            groups.removeLast()
        }
        return groups
    }
}
