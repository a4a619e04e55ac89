import Basics
import Crypto
import HDF5

/// Reads a group of a file into a tree.
struct ContentReader {
    /// Whether the SHA-256 of bulk data is computed from the elements, instead of read from the file.
    private let isVerifying: Bool
    /// The paths of the groups whose datasets are bulk data and stay in the file.
    private let bulkGroups: Set<String>
    /// The bulk data that aren't finite or don't match their SHA-256.
    private(set) var diagnostics: [Diagnostic] = []
    /// The bytes that may still be read into memory; far more than any artifact needs.
    private var budget = 8 << 30
    /// The addresses of the groups read so far: in a hostile file, hard links give a few groups more
    /// paths than can be followed.
    private var seen: Set<UInt64> = []
    /// How deeply groups may be nested; far deeper than in any artifact.
    private static let greatestDepth = 16

    init(kind: ArtifactKind, isVerifying: Bool = false) {
        bulkGroups = kind == .activationCache ? ActivationCache.bulkGroups : []
        self.isVerifying = isVerifying
    }

    /// Reads only the attributes of `group`.
    static func attributes(of group: borrowing Group) throws(ArtifactError) -> ContentGroup {
        var content = ContentGroup()
        let attributes = try rethrowing { () throws(HDF5Error) in try group.attributes() }
        content.attributes = try contents(of: attributes, at: group.path)
        return content
    }

    /// Reads everything in `group`.
    mutating func read(
        _ group: borrowing Group, depth: Int = 0
    ) throws(ArtifactError) -> ContentGroup {
        guard depth < Self.greatestDepth else {
            throw ArtifactError(.badData, path: group.path, "groups are nested too deeply")
        }
        let address = try rethrowing { () throws(HDF5Error) in try group.address() }
        guard seen.insert(address).inserted else {
            throw ArtifactError(.badData, path: group.path, "the group has several paths")
        }
        var content = try Self.attributes(of: group)
        let children = try rethrowing { () throws(HDF5Error) in try group.children() }
        let isBulk = bulkGroups.contains(group.path)
        let isArtifact = content.attributes["artifact"] != nil
        for child in children {
            // A user's own notes aren't opened, whatever they are.
            if isArtifact, child.name == ContentGroup.notesName {
                if isVerifying { noteNotes(at: group.path) }
                continue
            }
            try Self.checkName(child.name, at: group.path)
            switch child.kind {
            case .group:
                let inner = try rethrowing { () throws(HDF5Error) in try group.group(child.name) }
                content.groups[child.name] = try read(inner, depth: depth + 1)
            case .dataset:
                let dataset = try rethrowing { () throws(HDF5Error) in
                    try group.dataset(child.name)
                }
                content.datasets[child.name] = try read(dataset, isBulk: isBulk)
            case .other:
                // Such as a link to another file, which is never followed.
                throw ArtifactError(
                    .badData, path: (group.path == "/" ? "/" : group.path + "/") + child.name,
                    "it is a symbolic link, a link to another file or a named type: artifacts have "
                        + "none outside their group /\(ContentGroup.notesName)")
            }
        }
        return content
    }

    private mutating func noteNotes(at path: String) {
        diagnostics.append(
            Diagnostic(
                .note, path: (path == "/" ? "/" : path + "/") + ContentGroup.notesName,
                "notes of a user: no tool reads them, and the digest leaves them out"))
    }

    private mutating func read(
        _ dataset: borrowing Dataset, isBulk: Bool
    ) throws(ArtifactError) -> ContentDataset {
        let attributes = try Self.contents(
            of: rethrowing { () throws(HDF5Error) in try dataset.attributes() }, at: dataset.path)
        var content: ContentDataset
        if !isBulk, let values = try values(of: dataset) {
            content = ContentDataset(values, shape: dataset.shape, dims: [])
        } else {
            var stored: String?
            if case .string(let text) = attributes["sha256"] { stored = text }
            content = ContentDataset(
                bulk: dataset.elementType.schemaName, shape: dataset.shape, dims: [],
                sha256: stored)
            if isVerifying {
                var finiteness = FinitenessCheck(
                    dataset.elementType,
                    allowsMinusInfinity: HookAxes.holdsMinusInfinity(dataset.path))
                content.sha256 = try Self.digest(of: dataset, &finiteness)
                if !finiteness.isFinite {
                    diagnostics.append(
                        Diagnostic(
                            path: dataset.path, "it has values that are infinite or not a number"))
                }
                if let stored, stored != content.sha256 {
                    diagnostics.append(
                        Diagnostic(
                            path: dataset.path,
                            "its elements were changed: they don't fit its sha256"))
                }
            }
        }
        content.attributes = attributes
        return content
    }

    /// The elements; nil for a type that no schema uses.
    private mutating func values(
        of dataset: borrowing Dataset
    ) throws(ArtifactError) -> ElementValues? {
        let (bytes, overflow) = dataset.count.multipliedReportingOverflow(
            by: max(dataset.elementType.size, 16))
        guard !overflow, bytes <= budget else {
            throw ArtifactError(.badData, path: dataset.path, "it is too large: \(dataset.shape)")
        }
        budget -= bytes
        return try rethrowing { () throws(HDF5Error) -> ElementValues? in
            switch dataset.elementType {
            case .float32: .float32(try dataset.read(as: Float.self))
            case .float64: .float64(try dataset.read(as: Double.self))
            case .int32: .int32(try dataset.read(as: Int32.self))
            case .int64: .int64(try dataset.read(as: Int64.self))
            case .bool: .bool(try dataset.readBools())
            case .string, .fixedString: .string(try dataset.readStrings())
            default: nil
            }
        }
    }

    private static func digest(
        of dataset: borrowing Dataset, _ finiteness: inout FinitenessCheck
    ) throws(ArtifactError) -> String {
        var hash = SHA256()
        try rethrowing { () throws(HDF5Error) in
            try dataset.forEachPiece {
                hash.update(bufferPointer: $0)
                finiteness.update($0)
            }
        }
        return hash.finalize().hexadecimal
    }

    private static func contents(
        of attributes: [Attribute], at path: String
    ) throws(ArtifactError) -> [String: AttributeContent] {
        var contents: [String: AttributeContent] = [:]
        for attribute in attributes where !dimensionScaleAttributes.contains(attribute.name) {
            try checkName(attribute.name, at: path)
            contents[attribute.name] =
                switch attribute.value {
                case .string(let value): .string(value)
                case .strings(let values): .strings(values)
                case .int(let value): .int64(value)
                case .ints(let values): .int64s(values)
                case .double(let value): .float64(value)
                case .doubles(let values): .float64s(values)
                case nil: .other(attribute.elementType.schemaName)
                }
        }
        return contents
    }

    /// Refuses control characters: they would make the lines of a digest ambiguous, and could act on
    /// a terminal.
    private static func checkName(_ name: String, at path: String) throws(ArtifactError) {
        guard name.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
            throw ArtifactError(.badData, path: path, "a name in it has control characters")
        }
    }
}

extension ElementType {
    /// The name of the type in the schemas, which don't distinguish texts of fixed and variable length.
    var schemaName: String {
        if case .fixedString = self { "string" } else { description }
    }
}
