/// The version of a schema: `major.minor.patch`.
///
/// A minor version only adds what older readers may ignore; a major version changes what they
/// would misread.
package struct SchemaVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Changed where older readers would misread.
    package var major: Int
    /// Changed where something is added.
    package var minor: Int
    /// Changed where only words change.
    package var patch: Int

    /// Makes a version from its numbers.
    package init(_ major: Int, _ minor: Int, _ patch: Int) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads `1.0.0`; nil where `text` isn't three numbers with dots between them.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.utf8.allSatisfy { (48...57).contains($0) } ? Int(part) : nil
        }
        guard parts.count == 3, numbers.count == 3 else { return nil }
        self.init(numbers[0], numbers[1], numbers[2])
    }

    /// `1.0.0`
    package var description: String { "\(major).\(minor).\(patch)" }

    /// Compares major versions first, then minor ones, then patches.
    package static func < (first: SchemaVersion, second: SchemaVersion) -> Bool {
        (first.major, first.minor, first.patch) < (second.major, second.minor, second.patch)
    }
}
