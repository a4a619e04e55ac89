import Basics

/// Refuses to write a value that contradicts itself.
///
/// - Throws: `usage` with `message`, unless `condition` holds.
func require(
    _ condition: Bool, _ message: @autoclosure () -> String
) throws(ArtifactError) {
    guard condition else { throw ArtifactError(.usage, message()) }
}

/// Refuses content that makes no sense although its schema allows it.
///
/// - Throws: `badData` with `message` at `path`, unless `condition` holds.
func check(
    _ condition: Bool, at path: String, _ message: @autoclosure () -> String
) throws(ArtifactError) {
    guard condition else { throw ArtifactError(.badData, path: path, message()) }
}

/// Refuses a name that can't be the name of a group or dataset.
func requireName(_ name: String) throws(ArtifactError) {
    let isPlain = name.utf8.allSatisfy { $0 >= 32 && $0 != 127 && $0 != UInt8(ascii: "/") }
    try require(
        isPlain && !name.isEmpty && name != "." && name != "..",
        "'\(name)' can't be a name in a file: it is empty or has a slash or control characters")
}
