import Artifacts
import Basics
import Glibc

/// A folder of this process, removed with all files in it when it is released.
final class ScratchFolder: Sendable {
    /// Its path.
    let path: String

    init() throws(ArtifactError) {
        let parent = TemporaryFolder.path
        var template = Array((parent + "/circuittools.XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ArtifactError(
                .io, file: parent, "cannot make a folder: \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        if let entries = opendir(path) {
            while let entry = readdir(entries) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                unlink("\(path)/\(name)")
            }
            closedir(entries)
        }
        rmdir(path)
    }
}
