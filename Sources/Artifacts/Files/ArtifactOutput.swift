import Basics
import Glibc
import HDF5

/// Where an artifact goes, `-` for stdout: it appears there whole or not at all.
///
/// A file is written under a temporary name in the same folder, `NAME.PID.partial`, synchronised with
/// the disk and renamed. A run that is killed leaves the temporary file, without the attribute
/// `digest`; the next run that writes to the same path removes it, or goes on with it.
package struct ArtifactOutput: Hashable, Sendable {
    /// The argument as the user gave it: a path, or `-`.
    package let argument: String

    /// Takes a path or `-`, and refuses at once one that can't be written to.
    ///
    /// - Throws: `usage` where stdout is a terminal, `io` where there is no such folder or it can't be
    ///   written to.
    package init(_ argument: String) throws(ArtifactError) {
        self.argument = argument
        if argument == "-" {
            guard !SystemCalls.isTerminal(STDOUT_FILENO) else {
                throw ArtifactError(
                    .usage,
                    "not writing HDF5 to a terminal: give -o FILE, or send it to a pipe or file")
            }
            return
        }
        guard !argument.isEmpty else {
            throw ArtifactError(.usage, "the name of the output is empty")
        }
        guard !SystemCalls.isFolder(argument) else {
            throw ArtifactError(.io, file: argument, "cannot write: it is a folder")
        }
        let folder = folder
        guard access(folder, W_OK | X_OK) == 0 else {
            throw ArtifactError(
                .io, file: argument, "cannot write: \(SystemCalls.reason) (folder \(folder))")
        }
    }

    /// Whether the output is a stream, to which a file can't be renamed: stdout, a named pipe, a
    /// device.
    package var isStream: Bool {
        argument == "-" || SystemCalls.isRegularFile(atPath: argument) == false
    }

    /// The name of the output in errors.
    var shownName: String { argument == "-" ? "standard output" : argument }

    /// Refuses an output that is also an input, or one of the files of a folder that is (of a model, of
    /// transcoders); an artifact that was put into such a folder can be written again.
    ///
    /// - Parameter inputs: The paths of all inputs, `-` for stdin; nil for one that wasn't given.
    /// - Throws: `usage` where one of them is the same file.
    package func check(keeps inputs: [String?]) throws(ArtifactError) {
        guard !isStream else { return }
        for case let input? in inputs.map({ $0.map { ArtifactName($0).path } })
        where SystemCalls.isSameFile(argument, input == "-" ? "/dev/stdin" : input)
            || isPart(of: input)
        {
            throw ArtifactError(
                .usage, file: argument, "it is an input, which would be lost: name another output")
        }
    }

    /// Whether the output is a file below a folder, and is there and no HDF5 file.
    private func isPart(of input: String) -> Bool {
        guard SystemCalls.isFolder(input), SystemCalls.isRegularFile(atPath: target) == true,
            target.hasPrefix(SystemCalls.resolved(input) + "/")
        else { return false }
        return !SystemCalls.beginsAsHDF5(atPath: target)
    }

    /// The path of the regular file that is written, with symbolic links resolved.
    private var target: String { SystemCalls.resolved(argument) }

    private var folder: String {
        guard let slash = target.lastIndex(of: "/") else { return "." }
        return slash == target.startIndex ? "/" : String(target[..<slash])
    }

    /// Creates a file, calls `body` to write the artifact to it, and moves it to the output's path.
    ///
    /// - Parameter isSmall: whether an artifact for a stream may be made in memory.
    func write(
        isSmall: Bool, _ body: (borrowing File) throws(ArtifactError) -> Void
    ) throws(ArtifactError) {
        if isStream, isSmall {
            let file = try rethrowing { () throws(HDF5Error) in
                try File.createInMemory(name: shownName)
            }
            try body(file)
            try withStream { (descriptor) throws(ArtifactError) in
                try rethrowing { () throws(HDF5Error) in try file.writeImage(to: descriptor) }
            }
            return
        }
        let pending = try PendingOutput(self)
        try pending.write(body)
        try pending.commit()
    }

    /// Calls `body` with the descriptor of the stream.
    func withStream(_ body: (Int32) throws(ArtifactError) -> Void) throws(ArtifactError) {
        if argument == "-" { return try body(STDOUT_FILENO) }
        let descriptor = open(argument, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ArtifactError(.io, file: argument, "cannot write: \(SystemCalls.reason)")
        }
        defer { close(descriptor) }
        try body(descriptor)
    }

    // MARK: - Temporary files

    /// The path of the file that is written, until it is complete.
    ///
    /// - Parameter isWanted: whether a file that a killed run left is gone on with.
    /// - Returns: the path, and whether such a file is there.
    func makeTemporaryPath(
        adopting isWanted: (String) -> Bool = { _ in false }
    ) throws(ArtifactError) -> (path: String, isAdopted: Bool) {
        if isStream {
            let file = try SystemCalls.makeTemporaryFile(
                "circuittools", in: TemporaryFolder.path)
            close(file.descriptor)
            return (file.path, false)
        }
        let own = PartialFile.path(for: target)
        var isAdopted = false
        for path in PartialFile.left(for: target) {
            // Of two processes that want it, one can rename it.
            if !isAdopted, isWanted(path), Glibc.rename(path, own) == 0 {
                isAdopted = true
            } else {
                unlink(path)
            }
        }
        return (own, isAdopted)
    }

    /// Renames the complete file at `temporary`.
    func rename(_ temporary: String) throws(ArtifactError) {
        try SystemCalls.synchronize(temporary)
        guard Glibc.rename(temporary, target) == 0 else {
            throw ArtifactError(.io, file: argument, "cannot write: \(SystemCalls.reason)")
        }
        // The folder too, or a crash could still lose the new name. Not all file systems can do it.
        try? SystemCalls.synchronize(folder)
    }
}
