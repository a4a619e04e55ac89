import HDF5
import Testing

@Suite("Listing of objects and of their bytes")
struct EnumerationTests {
    @Test("Objects are listed in the byte order of their paths, and found by path")
    func listing() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        try root.writeDataset("b/z", [1] as [Int8])
        try root.writeDataset("b/a", [1] as [Int8])
        try root.writeDataset("a", [1] as [Int8])
        try root.createGroup("ä").close()
        try root.createGroup("Z").close()
        #expect(try root.children().map(\.name) == ["Z", "a", "b", "ä"])
        #expect(try root.descendants().map(\.path) == ["/Z", "/a", "/b", "/b/a", "/b/z", "/ä"])
        #expect(
            try root.descendants().map(\.kind) == [
                .group, .dataset, .group, .dataset, .dataset, .group,
            ])
        let group = try root.group("b")
        #expect(try group.descendants().map(\.path) == ["/b/a", "/b/z"])
        #expect(try root.contains("b/a"))
        #expect(try group.contains("/b/a"))
        #expect(try !root.contains("b/absent/a"))
        #expect(try !root.contains("a/below a dataset"))
        #expect(try root.kind(of: "b") == .group)
        try root.delete("b/a")
        #expect(try !root.contains("b/a"))
    }

    @Test("500 children are listed in the order of their names")
    func manyChildren() throws {
        let file = try File.createInMemory(name: "memory")
        let group = try file.root().createGroup("many")
        let names = (0..<500).map { "blocks.\($0).hook_z" }
        for name in names { try group.writeDataset(name, [1] as [Int8]) }
        #expect(try group.children().map(\.name) == names.sorted())
    }

    /// The bytes that a digest sees.
    private func pieces(_ dataset: borrowing Dataset) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try dataset.forEachPiece { bytes += $0 }
        return bytes
    }

    @Test("The bytes that a dataset gives in pieces don't depend on its layout")
    func piecesByLayout() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        // More than one piece along the first axis, the second, and both.
        for (index, shape) in [[3, 700_000], [700_000, 3], [2, 3, 300_000], [2_000_000]]
            .enumerated()
        {
            let values = (0..<shape.reduce(1, *)).map { Float($0) }
            let expected = values.withUnsafeBytes { [UInt8]($0) }
            let chunk = shape.map { max(1, $0 / 2 - 1) }
            try root.writeDataset("contiguous \(index)", values, shape: shape)
            try root.writeDataset(
                "chunked \(index)", values, shape: shape,
                layout: .chunked(chunk, deflate: 1, shuffle: true))
            // A comparison outside the macro, which would print millions of bytes.
            let same =
                try pieces(root.dataset("contiguous \(index)")) == expected
                && pieces(root.dataset("chunked \(index)")) == expected
            #expect(same, "shape \(shape)")
        }
    }

    @Test("The pieces of a text are its length and its bytes")
    func piecesOfTexts() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        try root.writeStrings("texts", ["ab", "", "č"])
        try root.setAttribute("text", "ab")
        try root.setAttribute("numbers", [1, 2])
        let expected: [UInt8] =
            [2, 0, 0, 0, 0, 0, 0, 0] + Array("ab".utf8) + [0, 0, 0, 0, 0, 0, 0, 0]
            + [2, 0, 0, 0, 0, 0, 0, 0] + Array("č".utf8)
        #expect(try pieces(root.dataset("texts")) == expected)
        let attributes = try root.attributes()
        var bytes: [[UInt8]] = []
        for attribute in attributes {
            var piece: [UInt8] = []
            attribute.forEachPiece { piece += $0 }
            bytes.append(piece)
        }
        #expect(
            bytes == [[1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0], Array(expected[..<10])])
    }

    @Test("A dimension scale is attached to an axis, and axes are labelled")
    func dimensionScales() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        try root.writeDataset("values", [1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
        try root.writeDataset("position", [0, 1, 2] as [Int32])
        let values = try root.dataset("values")
        let scale = try root.dataset("position")
        try scale.makeScale("position")
        try values.attachScale(scale, axis: 1, label: "position")
        try values.setLabel("pair", axis: 0)
        #expect(throws: HDF5Error.self) { try values.setLabel("third", axis: 2) }
        #expect(try scale.attribute("CLASS") == .string("DIMENSION_SCALE"))
        #expect(try scale.attribute("NAME") == .string("position"))
        #expect(try values.attribute("DIMENSION_LABELS") == .strings(["pair", "position"]))
        // A reference has no value here, and its attribute is listed nevertheless.
        let list = try values.attributes().first { $0.name == "DIMENSION_LIST" }
        #expect(list?.elementType == .other("variable-length sequence"))
        #expect(list?.value == nil)
        #expect(throws: HDF5Error.self) { _ = try values.attribute("DIMENSION_LIST") }
    }
}
