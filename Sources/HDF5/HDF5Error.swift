package import Basics

/// An error of an HDF5 file: the operation that failed, the file, the path inside it, and the library's
/// error stack as `frames`.
package struct HDF5Error: ReportedError, Hashable {
    /// One entry of the library's error stack.
    package struct Frame: Hashable, Sendable {
        /// The library's function.
        var function: String
        /// Its description of the failure.
        package var message: String
    }

    /// The kind of failure.
    package var kind: FailureKind
    /// The operation that failed, in words that can follow "cannot": `open`, `read`, `create dataset`.
    package var operation: String
    /// The file's path, or the name given to a file in memory.
    package var file: String
    /// The object's path inside the file; `/` for the file as a whole.
    package var path: String
    /// What is wrong, in a few words.
    package var message: String
    /// The library's error stack, outermost call first; empty for an error that this module found.
    package var frames: [Frame]

    /// One line: what failed, where, and why.
    package var description: String {
        let location = path == "/" ? file : "\(file):\(path)"
        return "\(location): cannot \(operation): \(message)"
    }
}

extension HDF5Error {
    /// The error of a failed library call, from the calling thread's error stack.
    static func ofLibrary(
        _ operation: String, kind: FailureKind, file: String, path: String
    ) -> HDF5Error {
        let frames = errorStack()
        var message = frames.last?.message ?? "the HDF5 library gave no reason"
        var kind = kind
        for frame in frames {
            if let system = systemMessage(in: frame.message) {
                message = system
                kind = .io
            } else if frame.message.hasPrefix("truncated file") {
                message = frame.message
                kind = .badData
            }
        }
        return HDF5Error(
            kind: kind, operation: operation, file: file, path: path, message: message,
            frames: frames)
    }

    /// `No space left on device` of `..., errno = 28, error message = 'No space left on device', ...`.
    private static func systemMessage(in message: String) -> String? {
        guard let start = message.firstRange(of: "error message = '")?.upperBound else {
            return nil
        }
        let rest = message[start...]
        guard let end = rest.firstIndex(of: "'"), end > start else { return nil }
        let text = String(rest[..<end])
        return text == "Success" ? nil : text
    }
}
