import Basics
import CHDF5
import Foundation
import HDF5
import Testing

@Suite("Damaged files")
struct DamagedFileTests {
    /// Reads all there is.
    private func readAll(_ path: String) throws {
        let file = try File.open(path)
        let root = try file.root()
        _ = try root.attributes()
        for descendant in try root.descendants() {
            switch descendant.kind {
            case .group: _ = try root.group(descendant.path).attributes()
            case .dataset:
                let dataset = try root.dataset(descendant.path)
                _ = try dataset.attributes()
                try dataset.forEachPiece { _ in }
            case .other: break
            }
        }
        try? file.close()
    }

    private func makeSample(_ path: String) throws {
        let file = try File.create(path)
        let root = try file.root()
        try root.setAttribute("artifact", "circuit")
        try root.writeDataset("a/values", (0..<600).map(Float.init), shape: [20, 30])
        try root.writeDataset(
            "a/packed", (0..<600).map(Int32.init), shape: [20, 30],
            layout: .chunked([5, 30], deflate: 1, shuffle: true, fletcher32: true))
        try root.writeStrings("names", ["one", "two", "three"])
        root.close()
        try file.close()
    }

    @Test("A file cut off at any length is bad data")
    func truncation() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("whole.h5")
        try makeSample(path)
        let bytes = try contents(path)
        try readAll(path)
        for length in Array(stride(from: 0, to: bytes.count, by: 97)) + [bytes.count - 1] {
            let cut = folder.path("cut.h5")
            try write(Array(bytes[..<length]), to: cut)
            let error = #expect(throws: HDF5Error.self) { try readAll(cut) }
            #expect(error?.kind == .badData, "cut at \(length): \(String(describing: error))")
        }
    }

    @Test("The error of a truncated file says that it is truncated")
    func truncationMessage() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        try makeSample(path)
        try write(Array(try contents(path).dropLast(100)), to: path)
        let error = #expect(throws: HDF5Error.self) { _ = try File.open(path) }
        #expect(error?.message.hasPrefix("truncated file") == true)
        #expect(error?.frames.isEmpty == false)
    }

    @Test("A changed bit in a chunk with a checksum is an error")
    func damagedChunk() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        let values = (0..<600).map { Float($0) + 0.5 }
        do {
            let file = try File.create(path)
            try file.root().writeDataset(
                "values", values, layout: .chunked([600], fletcher32: true))
            try file.close()
        }
        var bytes = try contents(path)
        let pattern = withUnsafeBytes(of: values[100].bitPattern.littleEndian) { Data($0) }
        let place = try #require(Data(bytes).range(of: pattern)?.lowerBound)
        bytes[place] ^= 1
        try write(bytes, to: path)
        let file = try File.open(path)
        let dataset = try file.root().dataset("values")
        #expect(throws: HDF5Error.self) { _ = try dataset.read(as: Float.self) }
    }

    /// A file of texts, and where its global heap begins.
    private func makeTexts(_ path: String) throws -> (bytes: [UInt8], heap: Int) {
        do {
            let file = try File.create(path)
            let root = try file.root()
            try root.setAttribute("artifact", "circuit")
            try root.writeStrings("names", ["one", "two", "three"])
            root.close()
            try file.close()
        }
        let bytes = try contents(path)
        let heap = try #require(Data(bytes).range(of: Data("GCOL".utf8))?.lowerBound)
        return (bytes, heap)
    }

    /// Byte offsets in the heap. With one of these bytes changed libhdf5 1.10 reads invalid memory.
    @Test(
        "Reading texts from a damaged global heap is an error",
        arguments: [8, 14, 16, 17, 24, 29])
    func damagedHeap(offset: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        var (bytes, heap) = try makeTexts(path)
        bytes[heap + offset] ^= 0xff
        try write(bytes, to: path)
        let file = try File.open(path)
        let root = try file.root()
        let error = #expect(throws: HDF5Error.self) { _ = try root.attribute("artifact") }
        #expect(error?.kind == .badData)
        #expect(throws: HDF5Error.self) { _ = try root.dataset("names").readStrings() }
    }

    /// Byte offsets in the references: in the length, the heap's address and the index in the heap.
    @Test("A damaged reference to a text is an error", arguments: [0, 4, 12, 13, 16, 28])
    func damagedReference(offset: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        var (bytes, _) = try makeTexts(path)
        do {
            let file = try File.open(path)
            let names = try #require(try file.root().dataset("names").contiguousOffset())
            bytes[names + offset] ^= 0x80
        }
        try write(bytes, to: path)
        let file = try File.open(path)
        let names = try file.root().dataset("names")
        let error = #expect(throws: HDF5Error.self) { _ = try names.readStrings() }
        #expect(error?.message == "a reference to a text in it is damaged")
    }

    @Test("Texts that were replaced many times are read back")
    func replacedTexts() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        _ = try makeTexts(path)
        do {
            let file = try File.open(path, mode: .readWrite)
            let root = try file.root()
            for round in 0..<300 { try root.setAttribute("artifact", "round \(round)") }
            // The texts it had leave gaps in the heap.
            try root.dataset("names").writeStrings(["first", "", "third"])
            root.close()
            try file.close()
        }
        let file = try File.open(path)
        #expect(try file.root().attribute("artifact") == .string("round 299"))
        #expect(try file.root().dataset("names").readStrings() == ["first", "", "third"])
    }

    /// One changed byte may go unnoticed, as a value; it must never crash or hang.
    @Test("A file with a changed byte is read or refused, and never crashes the reader")
    func changedBytes() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        try makeSample(path)
        let bytes = try contents(path)
        var noticed = 0
        for index in stride(from: 0, to: bytes.count, by: 11) {
            var changed = bytes
            changed[index] ^= 0xff
            let copy = folder.path("changed.h5")
            try write(changed, to: copy)
            do { try readAll(copy) } catch is HDF5Error { noticed += 1 }
        }
        #expect(noticed > 0)
    }
}
