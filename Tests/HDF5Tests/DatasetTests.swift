import Basics
import HDF5
import Testing

@Suite("Datasets")
struct DatasetTests {
    private func sample() throws -> File {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        try root.writeDataset("values", (0..<24).map(Int32.init), shape: [4, 3, 2])
        return file
    }

    @Test("A part of a dataset is read and written")
    func partialReadsAndWrites() throws {
        let file = try sample()
        let dataset = try file.root().dataset("values")
        #expect(try dataset.read(as: Int32.self, rows: 1..<3) == Array(6..<18))
        #expect(try dataset.read(as: Int32.self, rows: 2..<2) == [])
        #expect(
            try dataset.read(as: Int32.self, start: [1, 1, 0], shape: [2, 1, 2]) == [8, 9, 14, 15])
        try dataset.write([-1, -2, -3, -4, -5, -6] as [Int32], rows: 3..<4)
        try dataset.write([100, 101] as [Int32], start: [0, 0, 1], shape: [2, 1, 1])
        #expect(
            try dataset.read(as: Int32.self)
                == [0, 100, 2, 3, 4, 5, 6, 101] + Array(8..<18) + [-1, -2, -3, -4, -5, -6])
    }

    @Test("A part outside the shape, or values of another count than the part, are refused")
    func partsOutsideTheShape() throws {
        let file = try sample()
        let dataset = try file.root().dataset("values")
        #expect(throws: HDF5Error.self) { _ = try dataset.read(as: Int32.self, rows: 3..<5) }
        #expect(throws: HDF5Error.self) { _ = try dataset.read(as: Int32.self, rows: -1..<1) }
        #expect(throws: HDF5Error.self) {
            _ = try dataset.read(as: Int32.self, start: [0, 0], shape: [1, 1])
        }
        #expect(throws: HDF5Error.self) {
            _ = try dataset.read(as: Int32.self, start: [1, 0, 0], shape: [.max, 3, 2])
        }
        #expect(throws: HDF5Error.self) { try dataset.write([1] as [Int32]) }
        #expect(throws: HDF5Error.self) { try dataset.write([1] as [Int32], rows: 0..<1) }
    }

    @Test("Values are read only as types that hold them exactly")
    func typeConversions() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        try root.writeDataset("half", [0.5, -2, .infinity] as [Float16])
        try root.writeDataset("byte", [1, 255] as [UInt8])
        try root.writeDataset("wide", [1 << 40] as [Int64])
        let half = try root.dataset("half")
        #expect(try half.read(as: Float.self) == [0.5, -2, .infinity])
        #expect(try half.read(as: Double.self) == [0.5, -2, .infinity])
        #expect(try half.read(as: Float.self, rows: 1..<2) == [-2])
        #expect(try root.dataset("byte").read(as: Int32.self) == [1, 255])
        let wide = try root.dataset("wide")
        #expect(try wide.read(as: Int.self) == [1 << 40])
        let error = #expect(throws: HDF5Error.self) { _ = try wide.read(as: Int32.self) }
        #expect(error?.message == "its type is int64, not int32")
        #expect(throws: HDF5Error.self) { _ = try wide.read(as: Double.self) }
        #expect(throws: HDF5Error.self) { _ = try wide.readStrings() }
        #expect(throws: HDF5Error.self) { _ = try wide.readBools() }
        #expect(throws: HDF5Error.self) { try wide.write([1] as [Int32]) }
    }

    @Test("Rows are appended to an extendable dataset")
    func appending() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        do {
            let file = try File.create(path)
            var log = try file.root().createDataset(
                "log", type: .float64, shape: [0, 2],
                layout: .chunked([16, 2], deflate: 1, isExtendable: true))
            for row in 0..<100 { try log.append([Double(row), Double(-row)]) }
            #expect(log.shape == [100, 2])
            #expect(throws: HDF5Error.self) { try log.append([1.0]) }
            log.close()
            try file.close()
        }
        let file = try File.open(path)
        let log = try file.root().dataset("log")
        #expect(log.shape == [100, 2])
        #expect(log.layout.isExtendable)
        #expect(try log.read(as: Double.self) == (0..<100).flatMap { [Double($0), -Double($0)] })
    }

    @Test("Appending to a dataset of fixed shape is a usage error")
    func appendingToFixedShape() throws {
        let file = try sample()
        var dataset = try file.root().dataset("values")
        let error = #expect(throws: HDF5Error.self) {
            try dataset.append([Int32](repeating: 0, count: 6))
        }
        #expect(error?.kind == .usage)
    }

    @Test("Texts that are too long, too many or contain a NUL character are refused")
    func refusedTexts() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        let fixed = try root.createDataset("fixed", type: .fixedString(length: 3), shape: [1])
        #expect(throws: HDF5Error.self) { try fixed.writeStrings(["long"]) }
        #expect(throws: HDF5Error.self) { try fixed.writeStrings(["a", "b"]) }
        let free = try root.createDataset("free", type: .string, shape: [1])
        #expect(throws: HDF5Error.self) { try free.writeStrings(["a\0b"]) }
    }

    @Test("Impossible shapes, chunk layouts and dataset names are refused")
    func refusedShapes() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        for shape in [[-1], [.max, .max], [Int](repeating: 1, count: 40)] {
            #expect(throws: HDF5Error.self) {
                _ = try root.createDataset("values", type: .float32, shape: shape)
            }
        }
        for layout: Layout in [
            .chunked([]), .chunked([0]), .chunked([1, 1]), .chunked([1], deflate: 10),
        ] {
            #expect(throws: HDF5Error.self) {
                _ = try root.createDataset("values", type: .float32, shape: [4], layout: layout)
            }
        }
        #expect(throws: HDF5Error.self) { try root.writeDataset("a\0b", [1] as [Int32]) }
    }

    @Test("Concurrent tasks read parts of the same file")
    func concurrentReads() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        do {
            let file = try File.create(path)
            try file.root().writeDataset(
                "values", (0..<10_000).map(Int32.init), shape: [100, 100],
                layout: .chunked([10, 100], deflate: 1))
            try file.close()
        }
        let sum = try await withThrowingTaskGroup(of: Int.self) { tasks in
            for start in stride(from: 0, to: 100, by: 10) {
                tasks.addTask {
                    let file = try File.open(path)
                    return try file.root().dataset("values")
                        .read(as: Int32.self, rows: start..<start + 10).reduce(0) { $0 + Int($1) }
                }
            }
            return try await tasks.reduce(0, +)
        }
        #expect(sum == 9999 * 5000)
    }
}
