import Basics
import CHDF5
import HDF5
import Testing

/// Files that would make a trusting reader open other files, run other code, or allocate without end.
@Suite("Hostile files")
struct HostileFileTests {
    /// The error of opening the dataset `name` of a file that `body` makes, and reading it.
    private func errorOfReading(
        _ name: String, _ body: (hid_t) -> Void
    ) throws -> HDF5Error? {
        let folder = try TemporaryFolder()
        let path = folder.path("foreign.h5")
        try makeForeignFile(path, body)
        let file = try File.open(path)
        return #expect(throws: HDF5Error.self) {
            _ = try file.root().dataset(name).read(as: Float.self)
        }
    }

    @Test("A link to another file isn't followed")
    func externalLink() throws {
        let error = try errorOfReading("link") { file in
            H5Lcreate_external("/etc/passwd", "/x", file, "link", CHDF5_DEFAULT(), CHDF5_DEFAULT())
        }
        #expect(error?.message == "it is a link to another file")
        #expect(error?.kind == .badData)
    }

    @Test("A path through a link to another file isn't followed")
    func pathThroughExternalLink() throws {
        let error = try errorOfReading("link/inside/it") { file in
            H5Lcreate_external("other.h5", "/", file, "link", CHDF5_DEFAULT(), CHDF5_DEFAULT())
        }
        #expect(error?.message == "it is a link to another file")
    }

    @Test("Symbolic and external links are listed, and not followed")
    func links() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("links.h5")
        try makeForeignFile(path) { file in
            H5Lcreate_soft("/loop", file, "loop", CHDF5_DEFAULT(), CHDF5_DEFAULT())
            H5Lcreate_soft("/nowhere", file, "dangling", CHDF5_DEFAULT(), CHDF5_DEFAULT())
            H5Lcreate_external("x", "/", file, "external", CHDF5_DEFAULT(), CHDF5_DEFAULT())
        }
        let file = try File.open(path)
        let root = try file.root()
        #expect(try root.children().map(\.name) == ["dangling", "external", "loop"])
        #expect(try root.children().allSatisfy { $0.kind == .other })
        #expect(try root.descendants().count == 3)
        #expect(throws: HDF5Error.self) { _ = try root.group("loop") }
    }

    @Test("A group that is reached by two paths has one address")
    func addresses() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("links.h5")
        try makeForeignFile(path) { file in
            H5Gclose(H5Gcreate2(file, "a", CHDF5_DEFAULT(), CHDF5_DEFAULT(), CHDF5_DEFAULT()))
            H5Gclose(H5Gcreate2(file, "c", CHDF5_DEFAULT(), CHDF5_DEFAULT(), CHDF5_DEFAULT()))
            H5Lcreate_hard(file, "a", file, "b", CHDF5_DEFAULT(), CHDF5_DEFAULT())
        }
        let root = try File.open(path).root()
        #expect(try root.group("a").address() == root.group("b").address())
        #expect(try root.group("a").address() != root.group("c").address())
        #expect(throws: HDF5Error.self) { _ = try root.descendants() }
    }

    @Test("A dataset whose data are in another file is refused")
    func externalData() throws {
        let error = try errorOfReading("values") { file in
            makeForeignDataset(in: file, "values", [8]) {
                H5Pset_external($0, "/etc/passwd", 0, 32)
            }
        }
        #expect(error?.message == "its data are in another file")
    }

    @Test("A virtual dataset is refused")
    func virtualDataset() throws {
        let error = try errorOfReading("values") { file in
            makeForeignDataset(in: file, "values", [8]) { list in
                let size: [hsize_t] = [8]
                let space = H5Screate_simple(1, size, nil)
                H5Pset_virtual(list, space, "other.h5", "/values", space)
                H5Sclose(space)
            }
        }
        #expect(error?.message == "its data are in other files")
    }

    @Test("A dataset with an unsupported filter is refused")
    func unsupportedFilter() throws {
        let error = try errorOfReading("values") { file in
            makeForeignDataset(in: file, "values", [8]) { list in
                H5Pset_chunk(list, 1, [8] as [hsize_t])
                // LZF as h5py registers it; optional, so that it is written without.
                H5Pset_filter(list, 32000, 1, 0, nil)
            }
        }
        #expect(error?.message == "it needs the filter 32000, which isn't supported")
    }

    @Test(
        "A chunked dataset whose shape is far beyond its stored data is refused",
        arguments: [[1 << 40], [1 << 31, 1 << 31], [1 << 60], [1 << 40, 0, 1 << 40]])
    func hugeShapes(sizes: [hsize_t]) throws {
        let error = try errorOfReading("values") { file in
            makeForeignDataset(in: file, "values", sizes) { list in
                let chunk = sizes.map { _ in hsize_t(16) }
                H5Pset_chunk(list, Int32(chunk.count), chunk)
                H5Pset_deflate(list, 1)
            }
        }
        #expect(error?.kind == .badData)
    }

    @Test("A huge contiguous dataset that was never allocated is refused")
    func unallocatedDataset() throws {
        let error = try errorOfReading("values") { file in
            makeForeignDataset(in: file, "values", [1 << 40])
        }
        #expect(error?.kind == .badData)
    }

    @Test("The descendants of a group that contains itself are refused")
    func cyclicGroups() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("cycle.h5")
        try makeForeignFile(path) { file in
            let group = H5Gcreate2(file, "a", CHDF5_DEFAULT(), CHDF5_DEFAULT(), CHDF5_DEFAULT())
            H5Lcreate_hard(file, "a", group, "again", CHDF5_DEFAULT(), CHDF5_DEFAULT())
            H5Gclose(group)
        }
        let file = try File.open(path)
        let root = try file.root()
        let error = #expect(throws: HDF5Error.self) { _ = try root.descendants() }
        #expect(error?.message == "the group has several paths")
    }

    @Test("The descendants of groups nested 100 deep are refused")
    func deepNesting() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("deep.h5")
        do {
            let file = try File.create(path)
            let name = [String](repeating: "a", count: 100).joined(separator: "/")
            try file.root().createGroup(name).close()
            try file.close()
        }
        let file = try File.open(path)
        let root = try file.root()
        #expect(throws: HDF5Error.self) { _ = try root.descendants() }
    }

    @Test("Texts that are all references to one long text are refused")
    func repeatedReferences() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("texts.h5")
        let count = 64
        do {
            let file = try File.create(path)
            let root = try file.root()
            try root.writeStrings(
                "texts",
                [String(repeating: "x", count: 50_000)]
                    + [String](repeating: "", count: count - 1))
            root.close()
            try file.close()
        }
        // Every descriptor becomes a copy of the first: length, address of the heap, index in it.
        var bytes = try contents(path)
        let start = try #require(
            { () throws -> Int? in
                let file = try File.open(path)
                return try file.root().dataset("texts").contiguousOffset()
            }())
        let descriptor = Array(bytes[start..<start + 16])
        for index in 0..<count {
            bytes.replaceSubrange(start + index * 16..<start + index * 16 + 16, with: descriptor)
        }
        try write(bytes, to: path)
        let file = try File.open(path)
        let texts = try file.root().dataset("texts")
        #expect(throws: HDF5Error.self) { _ = try texts.readStrings() }
    }
}
