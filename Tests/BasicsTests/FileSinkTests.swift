import Basics
import Foundation
import Testing

@Suite("Files that appear whole or not at all")
struct FileSinkTests {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "sink-\(UUID().uuidString)").path

    private func inFolder(_ body: () throws -> Void) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body()
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
    }

    @Test("A file that isn't committed leaves what was there, and nothing else")
    func released() throws {
        try inFolder {
            let path = folder + "/a.txt"
            try Data("old".utf8).write(to: URL(filePath: path))
            do {
                let sink = try FileSink(path)
                try sink.write("new")
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
            #expect(try names == ["a.txt"])
        }
    }

    @Test("What a killed run left of the same file is removed, nothing else is")
    func killed() throws {
        try inFolder {
            // No process has this number: the kernel's are smaller.
            let dead = 4_194_303
            // Of a run that goes on: process 1 always does.
            let others = ["a.txt.1.partial", "a.txt.x.partial", "b.txt.\(dead).partial"]
            for name in others + ["a.txt.\(dead).partial"] {
                try Data("rest".utf8).write(to: URL(filePath: folder + "/" + name))
            }
            let sink = try FileSink(folder + "/a.txt")
            try sink.write("new")
            try sink.commit()
            #expect(try names == (["a.txt"] + others).sorted())
        }
    }

    @Test("A pipe that doesn't block gets everything, however slowly it is read")
    func nonBlockingPipe() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (readEnd, writeEnd) = (ends[0], ends[1])
        try #require(fcntl(writeEnd, F_SETFL, O_NONBLOCK) == 0)
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let isWritten = Task.detached {
            defer { close(writeEnd) }
            return bytes.withUnsafeBytes { writeWhole($0, to: writeEnd) }
        }
        // The pipe is full before anything is read.
        try await Task.sleep(for: .milliseconds(50))
        let file = FileHandle(fileDescriptor: readEnd, closeOnDealloc: true)
        #expect(try file.readToEnd() == Data(bytes))
        #expect(await isWritten.value)
    }

    @Test("Bytes that were written before are written over, and the file takes its place")
    func patched() throws {
        try inFolder {
            let sink = try FileSink(folder + "/a.txt")
            try sink.write("0000 content")
            try sink.patch(Array("1234".utf8), at: 0)
            #expect(sink.count == 12)
            #expect(try names != ["a.txt"])
            try sink.commit()
            #expect(
                try String(contentsOfFile: folder + "/a.txt", encoding: .utf8) == "1234 content")
            #expect(try names == ["a.txt"])
        }
    }

    @Test("A symbolic link stays one, and the file that it leads to is written")
    func link() throws {
        try inFolder {
            try Data("old".utf8).write(to: URL(filePath: folder + "/target.txt"))
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/link.txt", withDestinationPath: "target.txt")
            let sink = try FileSink(folder + "/link.txt")
            try sink.write("new")
            try sink.commit()
            #expect(
                try String(contentsOfFile: folder + "/target.txt", encoding: .utf8) == "new")
            #expect(
                try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link.txt")
                    == "target.txt")
        }
    }

    @Test("A folder that isn't there is an error that names the file")
    func missingFolder() throws {
        let path = folder + "/none/a.txt"
        let error = #expect(throws: Failure.self) { _ = try FileSink(path) }
        #expect(error?.kind == .io)
        #expect(error?.description.hasPrefix(path + ": cannot write") == true)
    }
}
