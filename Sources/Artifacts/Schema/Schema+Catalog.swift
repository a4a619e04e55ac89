import Basics
package import FoundationEssentials

extension ArtifactKind {
    /// The version of this kind that is written, and the newest one that is read.
    package var currentVersion: SchemaVersion {
        self == .circuit ? SchemaVersion(1, 3, 0) : SchemaVersion(1, 0, 0)
    }

    /// The schema of the current version as the JSON file in schemas/, built into the executables.
    package var schemaFile: Data {
        // SwiftPM embeds under the file's name alone, so Schemas/ holds links named after the kind.
        let bytes: [UInt8] =
            switch self {
            case .dataset: PackageResources.dataset_1_0_0_json
            case .activationCache: PackageResources.activation_cache_1_0_0_json
            case .patchEffects: PackageResources.patch_effects_1_0_0_json
            case .edgeScores: PackageResources.edge_scores_1_0_0_json
            case .circuit: PackageResources.circuit_1_3_0_json
            case .evaluation: PackageResources.evaluation_1_0_0_json
            case .circuitDiff: PackageResources.circuit_diff_1_0_0_json
            }
        return Data(bytes)
    }

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
