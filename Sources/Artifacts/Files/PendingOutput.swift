import Basics
import Glibc
import HDF5

/// An artifact that is being written and isn't in its place yet; removed unless committed.
final class PendingOutput {
    private let output: ArtifactOutput
    private var path: String?

    init(_ output: ArtifactOutput) throws(ArtifactError) {
        self.output = output
        path = try output.makeTemporaryPath()
    }

    /// Creates the file; it must be closed before `commit()`.
    func create() throws(ArtifactError) -> File {
        guard let path else {
            throw ArtifactError(.internalError, file: output.argument, "written twice")
        }
        do throws(HDF5Error) {
            return try File.create(path)
        } catch {
            throw named(ArtifactError(error))
        }
    }

    /// Creates the file, calls `body` with it, and closes it.
    func write(_ body: (borrowing File) throws(ArtifactError) -> Void) throws(ArtifactError) {
        let file = try create()
        do throws(ArtifactError) {
            try body(file)
            try rethrowing { () throws(HDF5Error) in try file.flush() }
        } catch {
            throw named(error)
        }
        do throws(HDF5Error) {
            try file.close()
        } catch {
            throw named(ArtifactError(error))
        }
    }

    /// Makes the file a copy of what `descriptor` reads.
    func fill(from descriptor: Int32) throws(ArtifactError) {
        guard let path else { return }
        let target = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard target >= 0 else {
            throw ArtifactError(.io, file: output.argument, "cannot write: \(SystemCalls.reason)")
        }
        defer { Glibc.close(target) }
        try SystemCalls.copy(from: descriptor, to: target, name: output.shownName)
    }

    /// Calls `body` with the root of the file, which was made before, and closes it.
    func change(_ body: (borrowing Group) throws(HDF5Error) -> Void) throws(ArtifactError) {
        guard let path else { return }
        do throws(HDF5Error) {
            let file = try File.open(path, mode: .readWrite)
            try body(file.root())
            try file.flush()
            try file.close()
        } catch {
            throw named(ArtifactError(error))
        }
    }

    /// Moves the closed file to the output's path, or copies it to the output's stream.
    func commit() throws(ArtifactError) {
        guard let path else { return }
        if output.isStream {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw ArtifactError(.io, file: path, "cannot open: \(SystemCalls.reason)")
            }
            defer { close(descriptor) }
            // Unlinked before it is copied: a run that is killed from here on leaves no file.
            unlink(path)
            self.path = nil
            try output.withStream { (target) throws(ArtifactError) in
                try SystemCalls.copy(from: descriptor, to: target, name: output.shownName)
            }
        } else {
            try output.rename(path)
            self.path = nil
        }
    }

    /// The same error with the name that the user gave, in place of that of the temporary file.
    func named(_ error: ArtifactError) -> ArtifactError {
        var error = error
        if error.file.isEmpty || error.file == path { error.file = output.shownName }
        return error
    }

    deinit {
        if let path { unlink(path) }
    }
}
