import Basics
package import FoundationEssentials

extension ArtifactKind {
    /// The schema of the current version as the JSON file in schemas/, built into the executables.
    package var schemaFile: Data { Data(entry.schema) }

    /// The schema of the current version.
    package func schema() throws(ArtifactError) -> Schema {
        do {
            return try JSONDecoder().decode(Schema.self, from: schemaFile)
        } catch {
            throw ArtifactError(
                .internalError, "the built-in schema of \(rawValue) can't be read: \(error)")
        }
    }
}
