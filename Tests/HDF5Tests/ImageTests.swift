import Basics
import Foundation
import HDF5
import Testing

@Suite("Images of files in memory")
struct ImageTests {
    private let values = (0..<5000).map { Float($0) * 0.5 }

    private func makeFile() throws -> File {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        try root.setAttribute("artifact", "circuit")
        try root.writeDataset("values", values, shape: [50, 100])
        return file
    }

    @Test("A dataset is mapped inside the image's memory, without a copy")
    func mappingInAnImage() throws {
        let bytes = try makeFile().image()
        let image = try bytes.withUnsafeBytes { try FileImage(copying: $0) }
        let file = try File.open(image: image, name: "image")
        let root = try file.root()
        #expect(try root.attribute("artifact") == .string("circuit"))
        let dataset = try root.dataset("values")
        #expect(try dataset.read(as: Float.self) == values)
        let mapped = try #require(try dataset.map(as: Float.self))
        #expect(Array(mapped) == values)
        let start = try #require(UnsafeRawPointer(mapped.unsafeElements.baseAddress))
        image.withUnsafeBytes { bytes in
            #expect(bytes.baseAddress.map { start >= $0 } == true)
            #expect(bytes.baseAddress.map { start + values.count * 4 <= $0 + bytes.count } == true)
        }
        #expect(Int(bitPattern: start) % 4096 == 0)
    }

    @Test("An image is read from a pipe")
    func readingFromAPipe() throws {
        let file = try makeFile()
        let expected = try file.image()
        let pipe = Pipe()
        let writer = pipe.fileHandleForWriting
        let thread = Thread {
            expected.withUnsafeBytes { bytes in
                _ = Foundation.write(writer.fileDescriptor, bytes.baseAddress, bytes.count)
            }
            try? writer.close()
        }
        thread.start()
        let image = try FileImage(
            reading: pipe.fileHandleForReading.fileDescriptor, limit: 1 << 30)
        #expect(image.isComplete)
        #expect(image.withUnsafeBytes { Array($0) } == expected)
    }

    @Test("An image is written to a descriptor byte for byte, and opens as a file")
    func writingToADescriptor() throws {
        let folder = try TemporaryFolder()
        let file = try makeFile()
        let path = folder.path("image.h5")
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let output = try #require(FileHandle(forWritingAtPath: path))
        try file.writeImage(to: output.fileDescriptor)
        try output.close()
        #expect(try contents(path) == file.image())
        let copy = try File.open(path)
        #expect(try copy.root().dataset("values").read(as: Float.self) == values)
    }

    @Test("Files of the same content have the same image")
    func reproducibleImages() throws {
        #expect(try makeFile().image() == makeFile().image())
    }

    @Test("Reading up to a limit leaves the rest in the pipe")
    func readingLimit() throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data([1, 2, 3, 4, 5]))
        try pipe.fileHandleForWriting.close()
        let descriptor = pipe.fileHandleForReading.fileDescriptor
        let image = try FileImage(reading: descriptor, limit: 3)
        #expect(!image.isComplete)
        #expect(image.withUnsafeBytes { Array($0) } == [1, 2, 3])
        let rest = try FileImage(reading: descriptor, limit: 10)
        #expect(rest.withUnsafeBytes { Array($0) } == [4, 5])
    }

    @Test("An image that isn't HDF5 is bad data")
    func notHDF5() throws {
        for bytes in [[], Array("nonsense".utf8), Array(try makeFile().image().prefix(3000))] {
            let image = try bytes.withUnsafeBytes { try FileImage(copying: $0) }
            let error = #expect(throws: HDF5Error.self) {
                _ = try File.open(image: image, name: "standard input")
            }
            #expect(error?.kind == .badData)
            #expect(error?.file == "standard input")
        }
    }

    @Test("Writing to an invalid descriptor is an I/O error")
    func invalidDescriptor() throws {
        let file = try makeFile()
        let error = #expect(throws: HDF5Error.self) { try file.writeImage(to: -1) }
        #expect(error?.kind == .io)
    }
}
