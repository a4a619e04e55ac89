import HDF5

extension ActivationCache {
    /// Whether the file at `path` is a complete cache of just what `wanted` describes.
    ///
    /// Only its header is read. What can't be read, or isn't there, can't be used again.
    package static func isReusable(_ path: String, for wanted: ActivationCacheDescription) -> Bool {
        guard path != "-", let file = try? ArtifactFile(path),
            file.header.kind == .activationCache,
            let root = try? file.file.root(),
            let attributes = try? ContentReader.attributes(of: root)
        else { return false }
        return attributes.optionalText("inputs_digest") == wanted.inputsDigest
    }
}
