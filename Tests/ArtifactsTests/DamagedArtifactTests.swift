import Artifacts
import Foundation
import TestSupport
import Testing

/// Golden files with a changed byte, or cut short. `tools/fuzz --damage` changes every byte.
@Suite("Damaged artifacts")
struct DamagedArtifactTests {
    @Test("Every kind has a golden file")
    func kinds() {
        for kind in ArtifactKind.allCases {
            #expect(Fixture.goldenFiles.contains { $0.hasPrefix(kind.rawValue + "/") }, "\(kind)")
        }
    }

    @Test(
        "A changed byte is refused, or changes nothing that is read", arguments: Fixture.goldenFiles
    )
    func changedByte(name: String) throws {
        let folder = try ScratchFolder()
        let bytes = try Fixture.data(name)
        let digest = try ArtifactFile(whole: Fixture.path(name)).header.digest
        var refused = 0
        // A step that has no divisor in common with the sizes that HDF5 rounds to.
        for offset in stride(from: 5, to: bytes.count, by: 331) {
            var changed = bytes
            changed[offset] ^= 0xFF
            let path = folder.path("changed-\(offset).h5")
            try changed.write(to: URL(fileURLWithPath: path))
            let verdict = try Verdict(checking: path)
            guard verdict.isValid else {
                #expect(verdict.problems.contains { !$0.message.isEmpty }, "byte \(offset)")
                refused += 1
                continue
            }
            #expect(try ArtifactFile(whole: path).header.digest == digest, "byte \(offset)")
        }
        #expect(refused > 0)
    }

    @Test("A file cut at every 64th part of its length is refused", arguments: Fixture.goldenFiles)
    func truncated(name: String) throws {
        let folder = try ScratchFolder()
        let bytes = try Fixture.data(name)
        for part in 0..<64 {
            let path = folder.path("cut-\(part).h5")
            try bytes.prefix(bytes.count * part / 64).write(to: URL(fileURLWithPath: path))
            let verdict = try Verdict(checking: path)
            #expect(!verdict.isValid, "\(part)/64")
        }
    }
}
