import Artifacts
import Basics
import Foundation
import Interchange
import Models
import TestSupport
import Testing

@Suite("Files of torch.save")
struct TorchFileTests {
    @Test("A file that would run code is refused by the name of the function, and nothing is run")
    func code() throws {
        let error = #expect(throws: Failure.self) {
            try TorchFile(path: Converting.fixture("code.pt"), name: "code.pt")
        }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains("eval") == true, "\(error?.description ?? "")")
        #expect(!FileManager.default.fileExists(atPath: "/tmp/run-by-a-pickle"))
    }

    @Test("Tensors come with their shape and values, whatever their strides")
    func tensors() throws {
        let (plain, strided) = (
            try TorchFile(path: Converting.fixture("eap-ig.pt")),
            try TorchFile(path: Converting.fixture("eap-ig-strided.pt"))
        )
        let value = try #require(plain.root["edges_scores"])
        let first = try #require(try plain.tensor(value))
        let other = try #require(strided.root["edges_scores"])
        let second = try #require(try strided.tensor(other))
        #expect(first.shape == [7, 15] && second.shape == [7, 15])
        #expect(first.floats() == second.floats())
        #expect(plain.root["cfg"]?["n_layers"]?.integer == 2)
        #expect(plain.root["src_nodes"]?.elements?.count == 7)
        let (flags, numbers) = (
            try #require(plain.root["edges_in_graph"]), try #require(strided.root["edges_in_graph"])
        )
        let kept = try #require(try plain.tensor(flags))
        let floats = try #require(try strided.tensor(numbers))
        #expect(kept.type == .bool && floats.type == .float32 && kept.flags() == floats.flags())
    }

    @Test("The stride of an axis of one number, which may be any, is not computed with")
    func hugeStride() throws {
        let file = try TorchFile(path: Converting.fixture("stride.pt"))
        let stored = try #require(file.root["x"])
        let tensor = try #require(try file.tensor(stored))
        #expect(tensor.shape == [1, 2] && tensor.floats() == [1, 2])
    }

    @Test("A file that is cut anywhere, or has a byte changed, is an error or the same values")
    func damage() throws {
        let converting = Converting()
        let whole = try Data(at: Converting.fixture("eap-ig.pt"))
        let path = converting.folder.path("bad.pt")
        func open(_ data: Data) throws -> [Float] {
            try data.write(to: URL(filePath: path))
            let file = try TorchFile(path: path)
            return try file.tensor(file.root["edges_scores"] ?? file.root)?.floats() ?? []
        }
        let values = try open(whole)
        for cut in 0..<64 {
            #expect(throws: Failure.self) { try open(whole.prefix(whole.count * cut / 64)) }
        }
        for place in stride(from: 0, to: whole.count, by: 7) {
            var changed = whole
            changed[place] ^= 0x41
            // Padding and times may change; what is read may not.
            if let read = try? open(changed) { #expect(read == values, "byte \(place)") }
        }
    }

    @Test(
        "Programs that make no sense are bad data",
        arguments: [
            "\u{80}\u{2}.", "\u{80}\u{2}(.", "\u{80}\u{2}]K\u{1}K\u{2}s.", "\u{80}\u{2}h\u{5}.", "",
            "\u{80}\u{2}cos\nsystem\n.", "\u{80}\u{2}NR.", "\u{80}\u{2}Nb.", "\u{80}\u{2}NQ.",
            "\u{80}\u{2}X\u{7F}\u{7F}\u{7F}\u{7F}a.", "\u{80}\u{2}}(K\u{1}u.", "garbage",
        ])
    func senseless(program: String) throws {
        let converting = Converting()
        let path = converting.folder.path("p.pkl")
        try Data(program.unicodeScalars.map { UInt8($0.value & 0xFF) }).write(
            to: URL(filePath: path))
        let error = #expect(throws: Failure.self) { try TorchFile.pickle(path: path, name: "p") }
        #expect(error?.kind == .badData)
    }

    @Test("What is dropped down to a mark leaves the value before it")
    func dropsToMark() throws {
        let converting = Converting()
        let path = converting.folder.path("p.pkl")
        // ]( K1 K2 1.  is an empty list, after which two numbers are dropped.
        try Data([0x80, 2, 0x5D, 0x28, 0x4B, 1, 0x4B, 2, 0x31, 0x2E]).write(
            to: URL(filePath: path))
        #expect(try TorchFile.pickle(path: path, name: "p").elements?.count == 0)
        // Without a mark there is nothing to drop to.
        try Data([0x80, 2, 0x5D, 0x31, 0x2E]).write(to: URL(filePath: path))
        #expect(throws: Failure.self) { try TorchFile.pickle(path: path, name: "p") }
    }

    @Test("A list of itself, and one that names another a million times over, are no trouble")
    func bombs() throws {
        let converting = Converting()
        let path = converting.folder.path("p.pkl")
        // ]q0 h0 a .  is a list whose only element is itself.
        try Data([0x80, 2, 0x5D, 0x71, 0, 0x68, 0, 0x61, 0x2E]).write(to: URL(filePath: path))
        let list = try TorchFile.pickle(path: path, name: "p")
        #expect(list.elements?.first?.elements?.count == 1)
        // Ten lists, each of the one before ten times.
        var bytes: [UInt8] = [0x80, 2, 0x5D, 0x71, 0]
        for level in 1...UInt8(30) {
            bytes += [0x5D, 0x28] + [[UInt8]](repeating: [0x68, level - 1], count: 10).joined()
            bytes += [0x65, 0x71, level]
        }
        try Data(bytes + [0x2E]).write(to: URL(filePath: path))
        #expect(try TorchFile.pickle(path: path, name: "p").elements?.count == 10)
    }

    @Test("A tensor of more axes than PyTorch has is refused, as its shape may be named many times")
    func axes() throws {
        let converting = Converting()
        let path = converting.folder.path("p.pkl")
        func program(_ axes: Int) -> Data {
            let shape = "(" + String(repeating: "K\u{1}", count: axes) + "tq\u{1}"
            let storage =
                "(X\u{7}\0\0\0storagectorch\nFloatStorage\nX\u{1}\0\0\0"
                + "0X\u{3}\0\0\0cpuK\u{1}tQ"
            let text =
                "\u{80}\u{2}\(shape)0ctorch._utils\n_rebuild_tensor_v2\n(\(storage)K\0h\u{1}h\u{1}tR."
            return Data(text.unicodeScalars.map { UInt8($0.value & 0xFF) })
        }
        try program(64).write(to: URL(filePath: path))
        #expect(try TorchFile.pickle(path: path, name: "p").description == "a tensor")
        try program(65).write(to: URL(filePath: path))
        let error = #expect(throws: Failure.self) { try TorchFile.pickle(path: path, name: "p") }
        #expect(error?.description.contains("65 axes") == true, "\(error?.description ?? "")")
    }

    @Test("Members of a zip file that lie over each other are refused: there could be any number")
    func overlap() throws {
        let converting = Converting()
        let path = converting.folder.path("bad.npz")
        var bytes = try Data(at: Converting.fixture("cache.npz"))
        let archive = try NumpyArchive(path: Converting.fixture("cache.npz"))
        #expect(archive.names.count == 4)
        // The directory three times over: twelve entries of four members.
        let end = bytes.count - 22
        let start = bytes[(end + 16)..<(end + 20)].reversed().reduce(0) { $0 << 8 | Int($1) }
        let directory = bytes[start..<end]
        bytes.replaceSubrange(start..<end, with: directory + directory + directory)
        bytes[bytes.count - 22 + 10] = 12
        try bytes.write(to: URL(filePath: path))
        let error = #expect(throws: Failure.self) { try NumpyArchive(path: path) }
        #expect(error?.kind == .badData)
    }

    @Test("Pickles with bytes changed at random are read or refused")
    func mutations() throws {
        let converting = Converting()
        let whole = try Data(at: Converting.fixture("acdc-edges.pkl"))
        let path = converting.folder.path("p.pkl")
        var random = SplitMix64(seed: 11)
        var refused = 0
        for _ in 0..<1000 {
            var changed = whole
            for _ in 0..<1 + random.next() % 4 {
                let place = Int(random.next() % UInt64(changed.count))
                changed[place] = UInt8(random.next() & 0xFF)
            }
            try changed.write(to: URL(filePath: path))
            do {
                let value = try TorchFile.pickle(
                    path: path, name: "p", inert: ["acdc.acdc_utils.TorchIndex", "builtins.slice"])
                _ = value.elements?.first?.elements?.first?.elements?.map(\.description)
            } catch {
                #expect(error.kind == .badData)
                refused += 1
            }
        }
        #expect(refused > 0 && refused < 1000)
    }
}
