import Artifacts
import Foundation
import Presentation
import TestSupport
import Testing

@Suite("Artifacts as JSON and as reports")
struct PresentableTests {
    @Test(
        "The JSON of each kind has the header, the provenance and the content",
        arguments: ArtifactKind.allCases)
    func json(kind: ArtifactKind) throws {
        let file = try ArtifactFile(path(kind))
        let text = try ArtifactJSON.text(file)
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let object = try #require(value as? [String: Any])
        #expect(object["artifact"] as? String == kind.rawValue)
        #expect(object["schema_version"] as? String == kind.currentVersion.description)
        #expect(object["digest"] as? String == file.header.digest)
        #expect((object["provenance"] as? [Any])?.isEmpty == false)
        #expect(object.count > 5)
        #expect(!text.contains("\n"))
    }

    @Test(
        "The report of each kind begins with the kind and the version, and has the provenance",
        arguments: ArtifactKind.allCases)
    func report(kind: ArtifactKind) throws {
        let text = try Report(ArtifactFile(path(kind))).text(limit: nil)
        let words = text.split(separator: "\n")[0].split(separator: " ").map(String.init)
        #expect(words == ["artifact", kind.rawValue, kind.currentVersion.description])
        #expect(text.contains("\nprovenance\n"))
    }

    private func path(_ kind: ArtifactKind) -> String {
        Fixture.path("\(kind.rawValue)/\(kind.currentVersion)/sample.h5")
    }
}
