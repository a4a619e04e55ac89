import Basics
import Glibc
import HDF5

/// Opens what is to be read: a path, or `-` for stdin.
enum ArtifactInput {
    /// The most bytes of a pipe that are read into memory; a longer one is read into a temporary file.
    static let greatestImage = 512 << 20

    static func open(_ argument: String) throws(ArtifactError) -> File {
        guard !argument.isEmpty else {
            throw ArtifactError(.usage, "the name of the input is empty")
        }
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

    /// Opens a named pipe, such as the one that a shell makes for `<(command)`.
    private static func openStream(at path: String) throws(ArtifactError) -> File {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ArtifactError(.missingInput, file: path, "cannot open: \(SystemCalls.reason)")
        }
        defer { close(descriptor) }
        return try read(descriptor)
    }

    /// Whether bytes have the signature of HDF5 where a file may have it: at 0, 512, 1024, 2048, ... An
    /// endless stream without one, such as /dev/zero, isn't read into a temporary file.
    private static func isHDF5(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
        var offset = 0
        while offset + signature.count <= bytes.count {
            if bytes[offset..<offset + signature.count].elementsEqual(signature) { return true }
            offset = max(512, 2 * offset)
        }
        return false
    }

    /// Reads a pipe to its end: into memory, or, if it is too long, into a temporary file.
    ///
    /// The temporary file is unlinked once HDF5 has opened it, so that it is gone when the process
    /// ends.
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
                // HDF5 gives no reason why it can't open an image.
                throw ArtifactError(
                    .badData,
                    "it isn't an HDF5 file, or was cut short because the command before this one "
                        + "in the pipe failed")
            }
        }
        guard image.count < 8 || image.withUnsafeBytes(isHDF5) else {
            throw ArtifactError(.badData, "it isn't an HDF5 file")
        }
        let spool = try SystemCalls.makeTemporaryFile(
            "circuittools", in: TemporaryFolder.path)
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
}
