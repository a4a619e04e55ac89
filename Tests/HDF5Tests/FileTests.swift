import Basics
import Foundation
import Glibc
import HDF5
import Testing

@Suite("Files")
struct FileTests {
    @Test("Opening an absent file, or a folder, is an error of missing input")
    func missingFile() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: HDF5Error.self) { _ = try File.open(folder.path("absent.h5")) }
        #expect(error?.kind == .missingInput)
        #expect(error?.file == folder.path("absent.h5"))
        #expect(error?.operation == "open")
        let directory = #expect(throws: HDF5Error.self) { _ = try File.open(folder.path("")) }
        #expect(directory?.kind == .missingInput)
    }

    @Test("A file that isn't HDF5 is bad data")
    func notHDF5() throws {
        let folder = try TemporaryFolder()
        for bytes in [[], Array("not HDF5 at all".utf8), [UInt8](repeating: 0, count: 5000)] {
            try write(bytes, to: folder.path("a.h5"))
            let error = #expect(throws: HDF5Error.self) { _ = try File.open(folder.path("a.h5")) }
            #expect(error?.kind == .badData)
            #expect(error?.description.contains("\n") == false)
        }
    }

    /// The library writes small datasets when they are closed. Its descriptor leads to /dev/full just
    /// then, so that a single write fails, and all after it succeed.
    @Test("A write that fails when a dataset is closed is an error when its file is")
    func failedWriteOnClosing() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        let file = try File.create(path)
        let root = try file.root()
        try root.writeDataset("values", [Float](repeating: 1, count: 16))
        let values = try root.dataset("values")
        try values.write([Float](repeating: 2, count: 16))
        let descriptor = try #require(
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
                Int32($0)
            }.first {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))
                    == URL(filePath: path).resolvingSymlinksInPath().path
            })
        let (saved, full) = (dup(descriptor), open("/dev/full", O_RDWR))
        dup2(full, descriptor)
        values.close()
        dup2(saved, descriptor)
        _ = (Glibc.close(saved), Glibc.close(full))
        root.close()
        var failure: HDF5Error?
        do throws(HDF5Error) { try file.close() } catch { failure = error }
        #expect(failure?.kind == .io)
    }

    @Test("A file in an absent folder can't be created")
    func creationInAbsentFolder() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: HDF5Error.self) {
            _ = try File.create(folder.path("absent/a.h5"))
        }
        #expect(error?.kind == .io)
        #expect(error?.message == "No such file or directory")
    }

    @Test("An error names the path inside the file")
    func pathInErrors() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        try root.createGroup("a/b").close()
        let group = try root.group("a/b")
        let error = #expect(throws: HDF5Error.self) { _ = try group.dataset("c/d") }
        #expect(error?.path == "/a/b/c/d")
        #expect(error?.description == "memory:/a/b/c/d: cannot open dataset: there is none")
        let kind = #expect(throws: HDF5Error.self) { _ = try root.dataset("a") }
        #expect(kind?.message == "it isn't a dataset")
    }

    @Test("Closing a file names the objects that are still open, and loses no data")
    func closingWithOpenObjects() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        do {
            let file = try File.create(path)
            let group = try file.root().createGroup("kept")
            let dataset = try group.createDataset("values", type: .int8, shape: [1])
            var closing: HDF5Error?
            do throws(HDF5Error) { try file.close() } catch { closing = error }
            #expect(closing?.kind == .internalError)
            #expect(closing?.message == "still open: /kept, /kept/values")
            try dataset.write([7] as [Int8])
        }
        // The file closed with the last of its objects, and nothing was lost.
        let file = try File.open(path, mode: .readWrite)
        #expect(try file.root().dataset("kept/values").read(as: Int8.self) == [7])
        try file.close()
    }

    @Test("A file is closed when its last object goes out of scope")
    func implicitClosing() throws {
        let folder = try TemporaryFolder()
        for round in 0..<10 {
            let file = try File.create(folder.path("a.h5"))
            let root = try file.root()
            try root.setAttribute("round", round)
            try root.writeDataset("values", [1, 2] as [Int32])
            try root.writeStrings("texts", ["a"])
            _ = try root.descendants()
            #expect(throws: HDF5Error.self) { _ = try root.dataset("absent") }
        }
        let file = try File.open(folder.path("a.h5"), mode: .readWrite, locking: .required)
        #expect(try file.root().attribute("round") == .int(9))
        try file.close()
    }

    @Test("A file that is locked exclusively elsewhere is opened only without locking")
    func locks() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        try File.create(path).close()
        let descriptor = Foundation.open(path, O_RDWR)
        try #require(flock(descriptor, LOCK_EX) == 0)
        for mode: File.Mode in [.readOnly, .readWrite] {
            let error = #expect(throws: HDF5Error.self) { _ = try File.open(path, mode: mode) }
            #expect(error?.message == "another process has it open")
        }
        try File.open(path, locking: .none).close()
        try #require(flock(descriptor, LOCK_SH) == 0)
        try File.open(path).close()
        Foundation.close(descriptor)
        try File.open(path, mode: .readWrite, locking: .required).close()
    }

    @Test("Files of the same content have the same bytes")
    func reproducibleBytes() async throws {
        let folder = try TemporaryFolder()
        func make(_ path: String) throws {
            let file = try File.create(path)
            let root = try file.root()
            try root.setAttribute("artifact", "circuit")
            for name in ["b", "a", "c/d", "c/e"] {
                try root.writeDataset(name, (0..<3000).map(Float.init))
            }
            try root.writeDataset(
                "edge", (0..<35).map(Int64.init), shape: [5, 7],
                layout: .chunked([4, 4], deflate: 4, shuffle: true, fletcher32: true))
            try root.writeStrings("names", (0..<100).map { "name \($0)" })
            let scale = try root.dataset("a")
            try scale.makeScale("position")
            try root.dataset("b").attachScale(scale, axis: 0, label: "position")
            scale.close()
            root.close()
            try file.close()
        }
        try make(folder.path("first.h5"))
        // Long enough for a time stamp of whole seconds to differ.
        try await Task.sleep(for: .milliseconds(1100))
        try make(folder.path("second.h5"))
        #expect(try contents(folder.path("first.h5")) == contents(folder.path("second.h5")))
    }

    /// A write that fails is an error, and ends neither in a crash nor in a loop at exit.
    @Test("A write beyond the limit of file sizes is an I/O error, without a crash")
    func fileSizeLimit() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let folder = try TemporaryFolder()
            let error = #expect(throws: HDF5Error.self) {
                let file = try File.create(folder.path("a.h5"))
                try file.root().writeDataset("values", [Float](repeating: 1, count: 100_000))
                try file.close()
            }
            #expect(error?.kind == .io)
            #expect(error?.message == "File too large")
        }
    }
}
