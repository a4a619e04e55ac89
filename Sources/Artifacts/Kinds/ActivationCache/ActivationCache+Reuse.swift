import HDF5

extension ActivationCache {
    /// Whether the file at `path` is a complete cache of exactly what `wanted` describes.
    ///
    /// Only its header is read. What isn't a regular file, isn't there, can't be read or is of an older
    /// major version, whose hooks mean something else, isn't reusable.
    package static func isReusable(_ path: String, for wanted: ActivationCacheDescription) -> Bool {
        guard SystemCalls.isRegularFile(atPath: path) == true, let file = try? ArtifactFile(path),
            file.header.kind == .activationCache,
            file.header.version.major == ArtifactKind.activationCache.currentVersion.major,
            let root = try? file.file.root(),
            let attributes = try? ContentReader.attributes(of: root)
        else { return false }
        return attributes.optionalText("inputs_digest") == wanted.inputsDigest
    }
}
