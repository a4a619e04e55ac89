import Graphs
import Testing

@Suite("Addresses parsed from the names of nodes")
struct NodeAddressTests {
    @Test("The name of a head's input gives the layer, the head and the input")
    func headInput() throws {
        let address = try #require(NodeAddress("a3.h17<q>"))
        #expect(address.role == .attention)
        #expect(address.layer == 3)
        #expect(address.head == 17)
        #expect(address.slot == "q")
        #expect(address.roleName == "q")
    }

    @Test("The names of neurons and of nodes at a position are parsed")
    func neuronsAndPositions() throws {
        let neuron = try #require(NodeAddress("m3.n512"))
        #expect(neuron.role == .mlp && neuron.layer == 3 && neuron.neuron == 512)
        let position = try #require(NodeAddress("a3.h7<v>@12"))
        #expect(position.head == 7 && position.position == 12 && position.slot == "v")
    }

    @Test(
        "The name of a node gives its role",
        arguments: [
            ("input", "input"), ("logits", "logits"), ("m0", "mlp"), ("a5", "attention"),
            ("a5.h1", "head"), ("a5.kv1<k>", "k"), ("a5.kv1", "kv"),
        ])
    func roles(name: String, role: String) throws {
        #expect(try #require(NodeAddress(name)).roleName == role)
    }

    @Test(
        "The name of an address is the one that it was taken from",
        arguments: [
            "input", "logits", "m3", "m3.n512", "a3", "a3<q>", "a3.h7", "a3.h7<q>", "a3.kv1<k>",
            "a3.kv1", "a3.h7.n5@2", "a3.h7<v>@12", "logits@4",
        ])
    func namesAgain(name: String) throws {
        #expect(try #require(NodeAddress(name)).name == name)
    }

    @Test(
        "Other texts aren't names of nodes",
        arguments: ["", "a", "x3", "a3.h", "m3.h1", "a3.h7<z>", "a3.h7@", "a3..h7", "a3.h7<q"])
    func otherTexts(name: String) {
        #expect(NodeAddress(name) == nil)
    }
}
