import Foundation
import TestSupport
import Testing

extension Shell {
    /// Makes `d.h5`, IOI pairs for the trained model of fixtures/, and the cache `c.h5`.
    func makeDemoCache(pairs: Int = 8) throws {
        let made = try run(
            """
            circuit-pairs -q ioi --model \(Fixture.path("models/demo")) -n \(pairs) --seed 1 -o d.h5
            circuit-cache -q d.h5 -o c.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
    }

    /// What `circuit-show --json` says of an artifact.
    func shown(_ file: String, options: String = "") throws -> [String: Any] {
        let shown = try run("circuit-show --json \(options) \(file)")
        try #require(shown.status == 0, "\(shown.errors)")
        return try shown.json()
    }

    /// The digest of an artifact.
    func digest(_ file: String) throws -> String {
        try #require(shown(file)["digest"] as? String)
    }

    /// Whether there is such a file in the scratch folder.
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.path(name)) }
}
