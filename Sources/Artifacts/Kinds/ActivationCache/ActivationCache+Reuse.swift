import HDF5

extension ActivationCache {
    /// Whether the file at `path` is a complete cache of exactly what `wanted` describes.
    ///
    /// Only its header is read. A file that isn't there or can't be read isn't reusable.
    package static func isReusable(_ path: String, for wanted: ActivationCacheDescription) -> Bool {
        guard path != "-", let file = try? ArtifactFile(path),
            file.header.kind == .activationCache,
            let root = try? file.file.root(),
            let attributes = try? ContentReader.attributes(of: root)
        else { return false }
        return attributes.optionalText("inputs_digest") == wanted.inputsDigest
    }
}
