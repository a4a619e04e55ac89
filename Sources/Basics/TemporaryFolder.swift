import Glibc

/// The folder for temporary files.
package enum TemporaryFolder {
    /// `$TMPDIR`, and `/tmp` where that isn't set or empty.
    package static var path: String {
        guard let folder = getenv("TMPDIR"), folder.pointee != 0 else { return "/tmp" }
        return String(cString: folder)
    }
}
