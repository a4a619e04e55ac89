package import Basics
import Glibc

/// How a model's name becomes a path.
package enum ModelLocation {
    /// Models with a short name, and the file each one is in the folder of models.
    package static let shortNames = [
        "gemma3": "gemma-3-270m-q4_k_m.gguf", "smollm2": "SmolLM2-135M-Instruct.Q4_1.gguf",
    ]

    /// Where fetched models lie: `$CIRCUITTOOLS_MODELS`, by default `~/.cache/circuittools/models`.
    package static var folder: String {
        func variable(_ name: String) -> String? {
            guard let value = getenv(name), value.pointee != 0 else { return nil }
            return String(cString: value)
        }
        return variable("CIRCUITTOOLS_MODELS")
            ?? (variable("HOME") ?? "") + "/.cache/circuittools/models"
    }

    /// The GGUF file or Hugging Face folder that `nameOrPath` means, as an absolute path.
    ///
    /// It is, in this order: a path to one of the two, or to a file inside such a folder; a short
    /// name; the name of a file or folder in the folder of models.
    /// - Throws: `Failure`: `.missingInput` where there is nothing there, with what to do.
    package static func find(_ nameOrPath: String) throws(Failure) -> String {
        if MappedFile.exists(nameOrPath) { return try model(at: absolute(nameOrPath)) }
        if let file = shortNames[nameOrPath] {
            let path = folder + "/" + file
            guard MappedFile.exists(path) else {
                throw Failure(
                    .missingInput,
                    "\(path): the model \(nameOrPath) isn't there; get it with "
                        + "tools/fetch-model \(nameOrPath)")
            }
            return path
        }
        if !nameOrPath.isEmpty, !nameOrPath.contains("/") {
            let path = folder + "/" + nameOrPath
            for path in [path, path + ".gguf"] where MappedFile.exists(path) {
                return try model(at: path)
            }
        }
        throw Failure(
            .missingInput,
            "\(nameOrPath): no such model: give a GGUF file, a Hugging Face folder, or one of "
                + shortNames.keys.sorted().joined(separator: ", "))
    }

    /// What a model at `path` is called.
    static func name(of path: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? path
        return last.hasSuffix(".gguf") ? String(last.dropLast(5)) : last
    }

    private static func model(at path: String) throws(Failure) -> String {
        if MappedFile.isFolder(path) {
            guard !MappedFile.exists(path + "/" + HuggingFaceFolder.configurationName) else {
                return path
            }
            throw Failure(
                .missingInput,
                "\(path): no \(HuggingFaceFolder.configurationName), so no Hugging Face folder; "
                    + "name a GGUF file inside it, if that is what it holds")
        }
        if GGUFFile.isGGUF(try MappedFile(path: path)) || path.hasSuffix(".gguf") { return path }
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        if MappedFile.exists(parent + "/" + HuggingFaceFolder.configurationName) { return parent }
        throw Failure(
            .badData,
            "\(path): neither a GGUF file (it doesn't begin with \"GGUF\") nor in a folder with "
                + HuggingFaceFolder.configurationName)
    }

    private static func absolute(_ path: String) -> String {
        var parts = path.hasPrefix("/") ? path : currentFolder + "/" + path
        while parts.count > 1, parts.hasSuffix("/") { parts.removeLast() }
        // "." goes, so that a folder's name is told; links and ".." stay as they are written.
        return "/" + parts.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    private static var currentFolder: String {
        guard let folder = getcwd(nil, 0) else { return "" }
        defer { free(folder) }
        return String(cString: folder)
    }
}
