import Basics
import Glibc
import HDF5

/// An artifact that is being written and isn't in its place yet; removed unless committed.
final class PendingOutput {
    private let output: ArtifactOutput
    private var path: String?
    /// The file of an output that is a stream, which has no name any more: a run that is killed leaves
    /// nothing.
    private var descriptor: Int32 = -1

    /// Whether the file is one that a killed run left, to go on with.
    let isAdopted: Bool
    /// The path of the file, until it is committed.
    var temporaryPath: String? { path }

    /// - Parameter isWanted: whether a file that a killed run left is gone on with.
    init(
        _ output: ArtifactOutput, adopting isWanted: (String) -> Bool = { _ in false }
    ) throws(ArtifactError) {
        self.output = output
        let temporary = try output.makeTemporaryPath(adopting: isWanted)
        (path, isAdopted) = (temporary.path, temporary.isAdopted)
    }

    /// Opens the file that was left.
    func reopen(placement: File.Placement = .pages) throws(ArtifactError) -> File {
        do throws(HDF5Error) {
            return try File.open(path ?? "", mode: .readWrite, placement: placement)
        } catch {
            throw named(ArtifactError(error))
        }
    }

    /// Creates the file; it must be closed before `commit()`.
    func create(placement: File.Placement = .pages) throws(ArtifactError) -> File {
        guard let path else {
            throw ArtifactError(.internalError, file: output.argument, "written twice")
        }
        do throws(HDF5Error) {
            let file = try File.create(path, placement: placement)
            if output.isStream {
                descriptor = open(path, O_RDONLY | O_CLOEXEC)
                unlink(path)
            }
            return file
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
            self.path = nil
            guard descriptor >= 0 else {
                throw ArtifactError(.io, file: path, "cannot open the temporary file")
            }
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
        if descriptor >= 0 { close(descriptor) }
    }
}
