import Basics
import HDF5

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Opens what is to be read: a path, or `-` for stdin.
enum ArtifactInput {
    /// Bytes of a pipe that are kept in memory; what is longer goes to a temporary file.
    static let greatestImage = 512 << 20

    static func open(_ argument: String) throws(ArtifactError) -> File {
        guard argument == "-" else {
            if SystemCalls.isRegularFile(atPath: argument) == false,
                !SystemCalls.isFolder(argument)
            {
                return try openStream(at: argument)
            }
            return try rethrowing { () throws(HDF5Error) in try File.open(argument) }
        }
        guard !SystemCalls.isTerminal(STDIN_FILENO) else {
            throw ArtifactError(
                .usage, file: "-", "it is a terminal: name a file, or send an artifact by a pipe")
        }
        if SystemCalls.isRegularFile(STDIN_FILENO) {
            return try rethrowing { () throws(HDF5Error) in try File.open("/dev/stdin") }
        }
        return try read(STDIN_FILENO)
    }

    /// A named pipe, or what a shell makes of `<(command)`.
    private static func openStream(at path: String) throws(ArtifactError) -> File {
        let descriptor = Self.openForReading(path)
        guard descriptor >= 0 else {
            throw ArtifactError(.missingInput, file: path, "cannot open: \(SystemCalls.reason)")
        }
        defer { close(descriptor) }
        return try read(descriptor)
    }

    /// Reads a pipe to its end: into memory, past the bound to a temporary file.
    ///
    /// HDF5 opens the file and then its name goes, so that nothing is left when the process ends.
    static func read(
        _ descriptor: Int32, greatestImage: Int = greatestImage
    ) throws(ArtifactError) -> File {
        let image = try rethrowing { () throws(HDF5Error) in
            try FileImage(reading: descriptor, limit: greatestImage)
        }
        if image.isComplete {
            guard image.count > 0 else {
                throw ArtifactError(
                    .badData, "nothing came: the command before this one in the pipe failed")
            }
            do throws(HDF5Error) {
                return try File.open(image: image, name: "-")
            } catch {
                // HDF5 itself gives no reason for an image.
                throw ArtifactError(
                    .badData,
                    "it isn't an HDF5 file, or was cut short because the command before this one "
                        + "in the pipe failed")
            }
        }
        let spool = try SystemCalls.makeTemporaryFile(
            "circuittools", in: SystemCalls.temporaryFolder)
        defer {
            close(spool.descriptor)
            unlink(spool.path)
        }
        try image.withUnsafeBytes { (bytes) throws(ArtifactError) in
            try SystemCalls.write(bytes, to: spool.descriptor, name: spool.path)
        }
        try SystemCalls.copy(from: descriptor, to: spool.descriptor, name: spool.path)
        return try rethrowing { () throws(HDF5Error) in
            try File.open(spool.path, locking: .none)
        }
    }

    private static func openForReading(_ path: String) -> Int32 {
        #if canImport(Glibc)
            Glibc.open(path, O_RDONLY | O_CLOEXEC)
        #elseif canImport(Musl)
            Musl.open(path, O_RDONLY | O_CLOEXEC)
        #else
            Darwin.open(path, O_RDONLY | O_CLOEXEC)
        #endif
    }
}
