import Foundation
import HDF5
import Testing

private let h5dump = "/usr/bin/h5dump"

/// Files of this module as `h5dump`, the HDF Group's tool, reads them.
@Suite(
    "Interoperability with h5dump",
    .enabled(if: FileManager.default.isExecutableFile(atPath: h5dump)))
struct InteroperabilityTests {
    private func dump(_ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: h5dump)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
            .split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: "\n")
    }

    private func fill(_ root: borrowing Group) throws {
        try root.setAttribute("artifact", "circuit")
        try root.writeDataset("half", [0.5, -2] as [Float16])
        try root.writeDataset(
            "packed", [1, 2, 3, 4] as [Int32], shape: [2, 2],
            layout: .chunked([2, 2], deflate: 4, shuffle: true, fletcher32: true))
        try root.writeBools("mask", [true, false])
        try root.writeStrings("names", ["a", "bc"])
    }

    @Test("h5dump shows the values, layout and filters that were written")
    func valuesAndTypes() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        let file = try File.create(path)
        do {
            let root = try file.root()
            try fill(root)
        }
        try file.close()
        #expect(try dump(["-d", "/half", path]).contains("(0): 0.5, -2"))
        #expect(try dump(["-d", "/packed", path]).contains("(0,0): 1, 2,\n(1,0): 3, 4"))
        #expect(try dump(["-d", "/mask", path]).contains("(0): TRUE, FALSE"))
        #expect(try dump(["-d", "/names", path]).contains("(0): \"a\", \"bc\""))
        #expect(try dump(["-a", "/artifact", path]).contains("(0): \"circuit\""))
        let packed = try dump(["-p", "-H", "-d", "/packed", path])
        for line in [
            "CHUNKED ( 2, 2 )", "PREPROCESSING SHUFFLE", "DEFLATE { LEVEL 4 }", "FLETCHER32",
        ] {
            #expect(packed.contains(line), "\(line) in \(packed)")
        }
    }

    @Test("h5dump reads an image written to a file")
    func images() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("image.h5")
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        try fill(root)
        try write(file.image(), to: path)
        #expect(try dump(["-d", "/mask", path]).contains("(0): TRUE, FALSE"))
    }
}
