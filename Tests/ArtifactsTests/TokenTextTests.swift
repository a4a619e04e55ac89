import Artifacts
import TestSupport
import Testing

@Suite("Texts of a dataset's tokens") struct TokenTextTests {
    @Test("They are stored and read")
    func roundTrip() throws {
        let folder = try ScratchFolder()
        let path = folder.path("d.h5")
        try DatasetArtifact.sampleWithTokens.write(to: ArtifactOutput(path), provenance: .sample())
        let read = try DatasetArtifact.read(from: path)
        #expect(read.content == .sampleWithTokens)
        #expect(read.content.tokenTexts[7] == "\n" && read.content.tokenTexts.count == 6)
        #expect(try ArtifactFile(path).check() == [])
    }
}
