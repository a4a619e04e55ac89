import Artifacts
import Basics
import Foundation
import TestSupport
import Testing

/// What happens to files when writing succeeds, fails, or was cut short.
@Suite("Writing artifacts") struct OutputTests {
    @Test("A file that exists is replaced, and no temporary file is left")
    func replacing() throws {
        let folder = try ScratchFolder()
        let path = folder.path("a.h5")
        try DatasetArtifact.sample.write(to: ArtifactOutput(path), provenance: .sample())
        var other = DatasetArtifact.sample
        other.task = "another"
        try other.write(to: ArtifactOutput(path), provenance: .sample())
        #expect(try DatasetArtifact.read(from: path).content == other)
        #expect(try folder.names() == ["a.h5"])
    }

    @Test("A failure leaves the old file as it was")
    func failure() throws {
        let folder = try ScratchFolder()
        let path = folder.path("a.h5")
        try DatasetArtifact.sample.write(to: ArtifactOutput(path), provenance: .sample())
        var wrong = DatasetArtifact.sample
        wrong.corrupted.ids[1].append(4)
        let error = #expect(throws: ArtifactError.self) {
            try wrong.write(to: ArtifactOutput(path), provenance: .sample())
        }
        #expect(error?.kind == .usage)
        #expect(error?.message.hasPrefix("pair 1: the clean prompt has 2 tokens") == true)
        #expect(try DatasetArtifact.read(from: path).content == .sample)
        #expect(try folder.names() == ["a.h5"])
    }

    @Test("An invalid artifact is not written")
    func invalidArtifact() throws {
        let folder = try ScratchFolder()
        var circuit = CircuitArtifact.sample
        circuit.ablation = "nothing"
        let error = #expect(throws: ArtifactError.self) {
            try circuit.write(to: ArtifactOutput(folder.path("c.h5")), provenance: .sample())
        }
        #expect(error?.path == "/@ablation")
        circuit = .sample
        circuit.graph.senderOfEdge[3] = 99
        #expect(throws: ArtifactError.self) { try circuit.digest() }
        circuit = .sample
        circuit.inCircuit.removeLast()
        #expect(throws: ArtifactError.self) { try circuit.digest() }
        #expect(try folder.names() == [])
    }

    @Test("Temporary files of killed runs are removed, those of living ones are not")
    func killedRun() throws {
        let folder = try ScratchFolder()
        let process = Process()
        process.executableURL = URL(filePath: "/bin/true")
        try process.run()
        process.waitUntilExit()
        let dead = process.processIdentifier
        let own = ProcessInfo.processInfo.processIdentifier
        for name in ["a.h5.\(dead).partial", "b.h5.\(dead).partial", "a.h5.x.partial"] {
            try Data("rest".utf8).write(to: URL(filePath: folder.path(name)))
        }
        // That of a run that goes on stays: here one of our parent, who is alive.
        try Data("rest".utf8).write(to: URL(filePath: folder.path("a.h5.1.partial")))
        try DatasetArtifact.sample.write(
            to: ArtifactOutput(folder.path("a.h5")), provenance: .sample())
        #expect(own != dead)
        #expect(
            try folder.names() == [
                "a.h5", "a.h5.1.partial", "a.h5.x.partial", "b.h5.\(dead).partial",
            ])
    }

    @Test("Writing to a symbolic link writes the file that it names")
    func symbolicLink() throws {
        let folder = try ScratchFolder()
        try DatasetArtifact.sample.write(
            to: ArtifactOutput(folder.path("real.h5")), provenance: .sample())
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link.h5"), withDestinationPath: "real.h5")
        var other = DatasetArtifact.sample
        other.task = "another"
        try other.write(to: ArtifactOutput(folder.path("link.h5")), provenance: .sample())
        #expect(try DatasetArtifact.read(from: folder.path("real.h5")).content == other)
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link.h5"))
                == "real.h5")
    }

    @Test("A path that cannot be written to is refused before anything is computed")
    func refusedPath() throws {
        let folder = try ScratchFolder()
        for path in [folder.path("no/such/folder.h5"), folder.url.path] {
            let error = #expect(throws: ArtifactError.self) { try ArtifactOutput(path) }
            #expect(error?.kind == .io)
        }
        #expect(throws: ArtifactError.self) { try ArtifactOutput("") }
    }

    @Test("A full disk is an I/O error; a device is written to, never replaced")
    func fullDisk() throws {
        let error = #expect(throws: ArtifactError.self) {
            try DatasetArtifact.sample.write(
                to: ArtifactOutput("/dev/full"), provenance: .sample())
        }
        #expect(error?.kind == .io)
        #expect(error?.message.contains("No space left on device") == true)
        // A device is written to, and never replaced by a file.
        try DatasetArtifact.sample.write(to: ArtifactOutput("/dev/null"), provenance: .sample())
        let attributes = try FileManager.default.attributesOfItem(atPath: "/dev/null")
        #expect(attributes[.type] as? FileAttributeType == .typeCharacterSpecial)
    }

    @Test("A file that is not there is missing input, a truncated one bad data")
    func unreadableFiles() throws {
        let folder = try ScratchFolder()
        let missing = #expect(throws: ArtifactError.self) {
            try ArtifactFile(folder.path("none.h5"))
        }
        #expect(missing?.kind == .missingInput)
        #expect(missing?.file == folder.path("none.h5"))

        try DatasetArtifact.sample.write(
            to: ArtifactOutput(folder.path("a.h5")), provenance: .sample())
        let whole = try Data(contentsOf: URL(filePath: folder.path("a.h5")))
        for length in [0, 1, 100, whole.count / 2, whole.count - 1] {
            try whole.prefix(length).write(to: URL(filePath: folder.path("b.h5")))
            let error = #expect(throws: ArtifactError.self) {
                try DatasetArtifact.read(from: folder.path("b.h5"))
            }
            #expect(error?.kind == .badData)
        }
    }

    /// A pipe is read into memory, or past a bound into a file without a name.
    @Test(
        "A pipe is read, into memory or beyond a limit into a temporary file",
        arguments: [1, 4096, 1 << 30])
    func pipeLength(greatestImage: Int) throws {
        let folder = try ScratchFolder()
        try SampleCache().write(to: folder.path("c.h5"))
        let descriptor = open(folder.path("c.h5"), O_RDONLY)
        defer { close(descriptor) }
        let cache = try ActivationCache(
            ArtifactFile(pipe: descriptor, greatestImage: greatestImage))
        #expect(cache.source == "-")
        let activation = try cache.activation(named: "blocks.0.hook_resid_pre", run: .corrupted)
        #expect(activation.isMapped)
        #expect(activation.values() == SampleCache().values("blocks.0.hook_resid_pre", .corrupted))
    }

    @Test("An empty pipe is an error that names the cause")
    func emptyPipe() throws {
        let descriptor = open("/dev/null", O_RDONLY)
        defer { close(descriptor) }
        let error = #expect(throws: ArtifactError.self) {
            try ArtifactFile(pipe: descriptor, greatestImage: 1 << 20)
        }
        #expect(error?.message.contains("the command before this one in the pipe failed") == true)
    }

    /// What a pipe carries is the artifact; `<(command)` is read as one.
    @Test("A named pipe carries an artifact", arguments: [false, true])
    func namedPipe(isCache: Bool) throws {
        let folder = try ScratchFolder()
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        let writer = Thread {
            if isCache {
                _ = try? SampleCache().write(to: pipe)
            } else {
                _ = try? DatasetArtifact.sample.write(
                    to: ArtifactOutput(pipe), provenance: .sample())
            }
        }
        writer.start()
        if isCache {
            let cache = try ActivationCache(pipe)
            let hook = "blocks.0.attn.hook_z"
            let activation = try cache.activation(named: hook, run: .clean)
            #expect(activation.values() == SampleCache().values(hook, .clean))
        } else {
            #expect(try DatasetArtifact.read(from: pipe).content == .sample)
        }
    }
}
