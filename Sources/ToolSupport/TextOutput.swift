package import Artifacts
package import Basics

/// Text or an image that goes to a file the user named, or to standard output for `-`: a drawing, a
/// table.
package enum TextOutput {
    /// Refuses at once a path that can't be written in the end, or is a file that the text is made
    /// from.
    ///
    /// - Parameter inputs: all paths that are read or written otherwise; nil for none.
    /// - Throws: ``Artifacts/ArtifactError``: usage where the path is one of them, I/O where the
    ///   folder isn't there or can't be written.
    package static func check(_ path: String, keeps inputs: [String?]) throws(ArtifactError) {
        if path != "-" { try ArtifactOutput(path).check(keeps: inputs) }
    }

    /// Writes `text` to `path`, whole or not at all.
    ///
    /// - Throws: ``Failure`` of status 74 where it can't be written.
    package static func write(_ text: String, to path: String) throws(Failure) {
        try write(Array(text.utf8), to: path)
    }

    /// Writes `bytes` to `path`, whole or not at all.
    ///
    /// - Throws: ``Failure`` of status 74 where they can't be written.
    package static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        guard path != "-" else { return try StandardOutput.write(bytes) }
        let sink = try FileSink(path)
        try sink.write(bytes)
        try sink.commit()
    }
}
