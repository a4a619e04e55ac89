import Artifacts
import Foundation

extension Fixture {
    /// The golden files of every kind and version, by their names in `fixtures/`.
    package static let goldenFiles: [String] = ArtifactKind.allCases.flatMap { kind in
        let versions =
            (try? FileManager.default.contentsOfDirectory(atPath: path(kind.rawValue))) ?? []
        return versions.sorted().map { "\(kind.rawValue)/\($0)/sample.h5" }
    }
}
