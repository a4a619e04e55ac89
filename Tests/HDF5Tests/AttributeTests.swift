import HDF5
import Testing

@Suite("Attributes")
struct AttributeTests {
    @Test("Attributes of every type are read back from groups and datasets")
    func roundTrip() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        let dataset = try root.createDataset("values", type: .float32, shape: [1])
        let values: [(String, AttributeValue)] = [
            ("string", .string("čćž")), ("empty string", .string("")),
            ("strings", .strings(["a", "", "ccc"])), ("no strings", .strings([])),
            ("int", .int(.min)), ("ints", .ints([1, 2, .max])), ("no ints", .ints([])),
            ("double", .double(0.1)), ("doubles", .doubles([1, .infinity])),
            ("one", .ints([1])),
        ]
        for (name, value) in values {
            try root.setAttribute(name, value)
            try dataset.setAttribute(name, value)
        }
        for (name, value) in values {
            #expect(try root.attribute(name) == value)
            #expect(try dataset.attribute(name) == value)
        }
        #expect(try root.attributeNames() == values.map(\.0).sorted())
        #expect(try root.attribute("absent") == nil)
        let attributes = try dataset.attributes()
        #expect(attributes.map(\.name) == values.map(\.0).sorted())
        #expect(attributes.first { $0.name == "ints" }?.elementType == .int64)
        #expect(attributes.first { $0.name == "ints" }?.shape == [3])
        #expect(attributes.first { $0.name == "string" }?.elementType == .string)
    }

    @Test("An attribute is replaced by one of another type, and deleted")
    func replacementAndDeletion() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        try root.setAttribute("a", 1)
        try root.setAttribute("a", "text")
        #expect(try root.attribute("a") == .string("text"))
        try root.deleteAttribute("a")
        #expect(try root.attributeNames() == [])
    }

    @Test("An attribute may be larger than 64 KiB")
    func largeAttributes() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        let text = String(repeating: "x", count: 200_000)
        try root.setAttribute("text", text)
        try root.setAttribute("numbers", Array(0..<20_000))
        #expect(try root.attribute("text") == .string(text))
        #expect(try root.attribute("numbers") == .ints(Array(0..<20_000)))
    }

    @Test("Empty names, and names and texts with a NUL character, are refused")
    func refusedNamesAndTexts() throws {
        let file = try File.createInMemory(name: "memory")
        let root = try file.root()
        #expect(throws: HDF5Error.self) { try root.setAttribute("a", "b\0c") }
        #expect(throws: HDF5Error.self) { try root.setAttribute("a\0b", "c") }
        #expect(throws: HDF5Error.self) { try root.setAttribute("", "c") }
        #expect(try root.attributeNames() == [])
    }
}
