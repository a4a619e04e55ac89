import Artifacts
import FuzzReaders
import TestSupport
import Testing

/// Golden files with changed bytes, or cut short. `tools/fuzz --damage` changes every byte.
@Suite("Damaged artifacts")
struct DamagedArtifactTests {
    @Test("Every kind has a golden file")
    func kinds() {
        for kind in ArtifactKind.allCases {
            #expect(Fixture.goldenFiles.contains { $0.hasPrefix(kind.rawValue + "/") })
        }
    }

    @Test(
        "A copy with a changed byte is refused or holds what the file held, one that is cut is refused",
        arguments: Fixture.goldenFiles)
    func damage(name: String) throws {
        var damage = try Damage(of: "fixtures/" + name)
        // A step that has no divisor in common with the sizes that HDF5 rounds to.
        try damage.run(step: 331)
        #expect(damage.other.isEmpty)
        // The 64 that were cut, and some others.
        #expect(damage.refused > 64)
    }
}
