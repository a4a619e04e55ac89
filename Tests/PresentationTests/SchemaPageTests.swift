import Artifacts
import Foundation
import Presentation
import TestSupport
import Testing

@Suite("The pages of the schemas")
struct SchemaPageTests {
    /// `CIRCUITTOOLS_RECORD=1` writes the pages anew.
    @Test("docs/format has the page of each kind", arguments: ArtifactKind.allCases)
    func page(kind: ArtifactKind) throws {
        let path = Fixture.path("../docs/format/\(kind.rawValue).md")
        let text = try SchemaPage(kind).text
        if ProcessInfo.processInfo.environment["CIRCUITTOOLS_RECORD"] == "1" {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    @Test(
        "A page has every group, dataset and attribute of its schema",
        arguments: ArtifactKind.allCases)
    func completeness(kind: ArtifactKind) throws {
        let text = try SchemaPage(kind).text
        func visit(_ group: GroupSpecification, at path: String) {
            #expect(text.contains("\n## \(path)"))
            for dataset in group.datasets ?? [] {
                if let name = dataset.name { #expect(text.contains("- `\(name)`: ")) }
                for attribute in dataset.attributes ?? [] {
                    #expect(text.contains("  - attribute `\(attribute.name)`: "))
                }
            }
            for attribute in group.attributes ?? [] {
                #expect(text.contains("\n- attribute `\(attribute.name)`: "))
            }
            for inner in group.groups ?? [] {
                visit(inner, at: (path == "/" ? "/" : path + "/") + (inner.name ?? ""))
            }
        }
        visit(try kind.schema().root, at: "/")
    }

    @Test(
        "docs/format/versions.md names every version of each kind", arguments: ArtifactKind.allCases
    )
    func versions(kind: ArtifactKind) throws {
        let page = try String(
            contentsOfFile: Fixture.path("../docs/format/versions.md"), encoding: .utf8)
        let row = try #require(
            page.split(separator: "\n").first { $0.hasPrefix("| `\(kind.rawValue)` |") })
        let schemas = try FileManager.default.contentsOfDirectory(
            atPath: Fixture.path("../schemas/\(kind.rawValue)"))
        #expect(!schemas.isEmpty)
        for schema in schemas { #expect(row.contains(schema.dropLast(".json".count))) }
    }
}
