import Foundation
import HDF5
import Testing

@Suite("Values written and read back")
struct RoundTripTests {
    /// Writes `values` to a file of its own and reads them back.
    private func roundTrip<Element: HDF5Element & Equatable>(
        _ values: [Element], shape: [Int], layout: Layout = .contiguous
    ) throws -> Bool {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        do {
            let file = try File.create(path)
            try file.root().writeDataset("group/values", values, shape: shape, layout: layout)
            try file.close()
        }
        let file = try File.open(path)
        let dataset = try file.root().dataset("/group/values")
        #expect(dataset.shape == shape)
        #expect(dataset.elementType == Element.elementType)
        #expect(dataset.layout == layout)
        #expect(dataset.path == "/group/values")
        return try dataset.read(as: Element.self) == values
    }

    @Test("Numbers of every type are read back")
    func numberTypes() throws {
        #expect(
            try roundTrip([1.5, -2, .infinity, .leastNonzeroMagnitude] as [Float], shape: [2, 2]))
        #expect(try roundTrip([1.5, -2, .pi] as [Double], shape: [3]))
        #expect(
            try roundTrip([1.5, -2, 65504, .leastNonzeroMagnitude] as [Float16], shape: [4, 1]))
        #expect(try roundTrip([.min, -1, 0, .max] as [Int8], shape: [4]))
        #expect(try roundTrip([.min, -1, 0, .max] as [Int16], shape: [4]))
        #expect(try roundTrip([.min, -1, 0, .max] as [Int32], shape: [4]))
        #expect(try roundTrip([.min, -1, 0, .max] as [Int64], shape: [4]))
        #expect(try roundTrip([0, 1, .max] as [UInt8], shape: [3]))
        #expect(try roundTrip([0, 1, .max] as [UInt16], shape: [3]))
        #expect(try roundTrip([0, 1, .max] as [UInt32], shape: [3]))
        #expect(try roundTrip([0, 1, .max] as [UInt64], shape: [3]))
    }

    @Test("Scalars and empty arrays are read back")
    func scalarsAndEmptyArrays() throws {
        #expect(try roundTrip([42] as [Int32], shape: []))
        #expect(try roundTrip([] as [Int32], shape: [0]))
        #expect(try roundTrip([] as [Float], shape: [3, 0, 2]))
    }

    @Test("Values are read back through every filter")
    func filters() throws {
        let values = (0..<1000).map { Float($0 % 17) }
        for layout: Layout in [
            .chunked([7, 3]), .chunked([50, 20], deflate: 6),
            .chunked([7, 3], deflate: 1, shuffle: true, fletcher32: true),
            .chunked([7, 3], fletcher32: true), .chunked([7, 3], isExtendable: true),
        ] {
            #expect(try roundTrip(values, shape: [50, 20], layout: layout))
        }
    }

    @Test("NaN and negative zero keep their bits")
    func nanBits() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        let bits: [UInt32] = [0x7fc0_0001, 0xffc0_1234, 0x8000_0000]
        try root.writeDataset("values", bits.map { Float(bitPattern: $0) })
        #expect(try root.dataset("values").read(as: Float.self).map(\.bitPattern) == bits)
    }

    @Test("Booleans are read back")
    func booleans() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        let values = [true, false, true, true, false, false]
        try root.writeBools("mask", values, shape: [2, 3])
        let mask = try root.dataset("mask")
        #expect(mask.elementType == .bool)
        #expect(try mask.readBools() == values)
    }

    @Test("Texts of variable and fixed length are read back")
    func texts() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        let texts = ["", "a", "čćž", "日本語 \u{1F600}", String(repeating: "long ", count: 1000)]
        try root.writeStrings("variable", texts)
        try root.writeStrings("single", ["one"], shape: [])
        try root.createDataset("fixed", type: .fixedString(length: 8), shape: [3])
            .writeStrings(["", "čć", "12345678"])
        #expect(try root.dataset("variable").readStrings() == texts)
        #expect(try root.dataset("single").readStrings() == ["one"])
        #expect(try root.dataset("fixed").elementType == .fixedString(length: 8))
        #expect(try root.dataset("fixed").readStrings() == ["", "čć", "12345678"])
    }

    @Test("150,000 texts in compressed chunks are read back")
    func manyTexts() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        let texts = (0..<150_000).map { "text \($0)" }
        try root.writeStrings("texts", texts, layout: .chunked([1000], deflate: 1))
        #expect(try root.dataset("texts").readStrings() == texts)
    }

    @Test("Values that were never written are zeros and empty texts")
    func unwrittenValues() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        let dataset = try root.createDataset("zero", type: .float32, shape: [3])
        #expect(try dataset.read(as: Float.self) == [0, 0, 0])
        let texts = try root.createDataset("texts", type: .string, shape: [2])
        #expect(try texts.readStrings() == ["", ""])
    }
}
