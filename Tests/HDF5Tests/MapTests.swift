import CHDF5
import HDF5
import Testing

@Suite("Mapped datasets")
struct MapTests {
    @Test("A contiguous dataset is mapped into memory, and stays mapped when its file is closed")
    func contiguousDatasets() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        let values = (0..<100_000).map(Float.init)
        do {
            let file = try File.create(path)
            let root = try file.root()
            // Written first, so that `values` isn't aligned by chance.
            try root.writeDataset("odd", [1, 2, 3] as [UInt8])
            try root.writeDataset("values", values)
            #expect(try root.dataset("values").map(as: Float.self)?.count == nil)
            root.close()
            try file.close()
        }
        let mapped: MappedArray<Float>
        do {
            let file = try File.open(path)
            mapped = try #require(try file.root().dataset("values").map())
            let odd = try #require(try file.root().dataset("odd").map(as: UInt8.self))
            #expect(Array(odd) == [1, 2, 3])
            try file.close()
        }
        // The mapping outlives the file.
        #expect(mapped.count == values.count)
        #expect(Array(mapped) == values)
        mapped.withUnsafeBufferPointer { elements in
            #expect(Int(bitPattern: elements.baseAddress) % 4096 == 0)
        }
    }

    @Test("Big-endian, chunked, compact and unwritten datasets aren't mapped")
    func otherLayouts() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.h5")
        try makeForeignFile(path) { file in
            makeForeignDataset(in: file, "big", [2], type: CHDF5_F32_BIG_ENDIAN(), writing: [1, 2])
            makeForeignDataset(in: file, "unwritten", [2])
            makeForeignDataset(in: file, "chunked", [2], writing: [1, 2]) {
                H5Pset_chunk($0, 1, [2] as [hsize_t])
            }
            makeForeignDataset(in: file, "compact", [2], writing: [1, 2]) {
                H5Pset_layout($0, H5D_COMPACT)
            }
        }
        let file = try File.open(path)
        let root = try file.root()
        for name in ["big", "chunked", "compact"] {
            let dataset = try root.dataset(name)
            #expect(try dataset.map(as: Float.self)?.count == nil)
            #expect(try dataset.read(as: Float.self) == [1, 2])
        }
        #expect(try root.dataset("big").isLittleEndian == false)
        let unwritten = try root.dataset("unwritten")
        #expect(try unwritten.map(as: Float.self)?.count == nil)
        #expect(try unwritten.map(as: Double.self)?.count == nil)
    }
}
