import Artifacts
import TestSupport
import Testing

@Suite("Texts of a dataset's tokens") struct TokenTextTests {
    @Test("They are stored and read, and only ascending ids are")
    func roundTrip() throws {
        let folder = try ScratchFolder()
        let path = folder.path("d.h5")
        try DatasetArtifact.sampleWithTokens.write(to: ArtifactOutput(path), provenance: .sample())
        let read = try DatasetArtifact.read(from: path)
        #expect(read.content == .sampleWithTokens)
        #expect(read.content.tokenTexts[7] == "\n" && read.content.tokenTexts.count == 6)
        #expect(try ArtifactFile(path).check() == [])
        var content = try DatasetArtifact.sampleWithTokens.makeContent()
        content.groups["tokens"]?.set("id", [1, 1, 2, 3, 4, 5] as [Int32], dim: "token")
        #expect(throws: ArtifactError.self) { try DatasetArtifact(content: content) }
    }
}
