import Foundation
import FuzzReaders
import Testing

/// The readers that `tools/fuzz` gives inputs to, on their seeds as they are and a little damaged. The
/// seeds are fixtures, and what `tools/fuzz` found.
@Suite("Readers of tools/fuzz")
struct ReaderTests {
    @Test(
        "Each takes its seeds, or refuses them by an error that blames the input", arguments: names)
    func seeds(name: String) throws {
        let reader = try #require(Reader.all.first { $0.name == name })
        #expect(!reader.seedFiles.isEmpty)
        let scratch = try Scratch()
        defer { scratch.remove() }
        for file in reader.seedFiles {
            #expect(throws: Never.self, "\(file)") {
                try reader.take(Data(contentsOf: URL(fileURLWithPath: file)), in: scratch)
            }
        }
    }

    @Test("So it does with bytes changed, and cut short", arguments: names)
    func damage(name: String) throws {
        let reader = try #require(Reader.all.first { $0.name == name })
        let scratch = try Scratch()
        defer { scratch.remove() }
        for file in reader.seedFiles.prefix(2) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            guard bytes.count <= 131_072 else { continue }
            for part in 0..<8 {
                var changed = bytes
                let place = (2 * part + 1) * bytes.count / 16
                changed[place] ^= 1 << UInt8(part)
                for input in [changed, bytes.prefix(place)] {
                    #expect(throws: Never.self, "\(file), byte \(place)") {
                        try reader.take(input, in: scratch)
                    }
                }
            }
        }
    }

    private static let names = Reader.all.map(\.name)
}
