import Artifacts
import FuzzReaders
import Testing

/// Golden files with changed bytes, or cut short. `tools/fuzz --damage` changes every byte.
@Suite("Damaged artifacts")
struct DamagedArtifactTests {
    private static let goldenFiles = Repository.files(matching: "fixtures/*/*/sample.h5")
        .map { Repository.name($0) }

    @Test("Every kind has a golden file")
    func kinds() {
        for kind in ArtifactKind.allCases {
            #expect(Self.goldenFiles.contains { $0.hasPrefix("fixtures/\(kind.rawValue)/") })
        }
    }

    @Test("A damaged copy is refused, or holds what the file held", arguments: goldenFiles)
    func damage(name: String) throws {
        var damage = try Damage(of: name)
        // A step that has no divisor in common with the sizes that HDF5 rounds to.
        try damage.run(step: 331)
        #expect(damage.other.isEmpty)
        // The 64 that were cut, and some others.
        #expect(damage.refused > 64)
    }
}
