import Artifacts
import Foundation
import TestSupport
import Testing

/// The schema files themselves.
@Suite("The schema files") struct SchemaTests {
    private func folder(_ kind: ArtifactKind) -> String {
        Fixture.path("../schemas/\(kind.rawValue)")
    }

    @Test(
        "The built-in schema is the published one of the current version",
        arguments: ArtifactKind.allCases)
    func builtIn(kind: ArtifactKind) throws {
        let path = folder(kind) + "/\(kind.currentVersion).json"
        #expect(try Data(contentsOf: URL(filePath: path)) == kind.schemaFile)
        let schema = try kind.schema()
        #expect(schema.artifact == kind.rawValue)
        #expect(schema.version == kind.currentVersion.description)
    }

    /// The decoder ignores keys that it doesn't know; a misspelt one must not pass as documentation.
    @Test("Schemas use only keys of the schema language", arguments: ArtifactKind.allCases)
    func language(kind: ArtifactKind) throws {
        let language = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: Fixture.path("../schemas/schema/1.0.0.json"))))
        let document = try JSONSerialization.jsonObject(with: kind.schemaFile)
        let checker = JSONSchemaChecker(root: try #require(language as? [String: Any]))
        #expect(checker.problems(document) == [])
    }

    @Test("The schema language refuses unknown and missing keys")
    func languageRefuses() throws {
        let language = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: Fixture.path("../schemas/schema/1.0.0.json"))))
        let checker = JSONSchemaChecker(root: try #require(language as? [String: Any]))
        var document = try #require(
            JSONSerialization.jsonObject(with: ArtifactKind.dataset.schemaFile) as? [String: Any])
        document["atributes"] = []
        #expect(checker.problems(document) == ["/: unknown key atributes"])
        document["atributes"] = nil
        document["version"] = "one"
        #expect(
            checker.problems(document) == [
                "/version: not one of the form ^[0-9]+\\.[0-9]+\\.[0-9]+$"
            ])
        document["version"] = nil
        #expect(checker.problems(document) == ["/: the key version is missing"])
    }

    /// An axis that only one dataset has, or an index into an axis that none has, is a slip.
    @Test("The axis of every column of indices exists", arguments: ArtifactKind.allCases)
    func indexAxes(kind: ArtifactKind) throws {
        var axes: Set<String> = []
        var targets: Set<String> = []
        func visit(_ group: GroupSpecification) {
            for dataset in group.datasets ?? [] {
                axes.formUnion(dataset.dims)
                if let axis = dataset.indexInto { targets.insert(axis) }
            }
            group.groups?.forEach(visit)
        }
        visit(try kind.schema().root)
        #expect(targets.isSubset(of: axes))
    }
}
