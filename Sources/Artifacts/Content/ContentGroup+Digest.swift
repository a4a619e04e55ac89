import Basics
import Crypto

extension ContentGroup {
    /// The digest of this group's content, as lower-case hexadecimal digits.
    ///
    /// SHA-256 over one line per attribute and dataset, sorted by their bytes, each ended by LF:
    ///
    ///     attribute PATH NAME DTYPE COUNT SHA256
    ///     dataset PATH DTYPE AxB SHA256
    ///
    /// with single tabs between the fields and the last field the SHA-256 of the elements: numbers
    /// little-endian in row-major order, flags as one byte, each text as its length in bytes (8
    /// bytes, little-endian) and its UTF-8 bytes. The digest doesn't depend on chunking, compression
    /// or the order of writing, nor on what isn't content: the digest, schema version, provenance and
    /// notes of the artifact and of artifacts inside it, `sha256` attributes (they are in the lines
    /// anyway), `path` attributes (where a file was found), the attributes by which HDF5 stores
    /// dimension scales, and empty groups.
    package func digest() throws(ArtifactError) -> String {
        var lines: [String] = []
        try collectLines(at: "/", into: &lines)
        lines.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var hash = SHA256()
        for line in lines { hash.update(line + "\n") }
        return hash.finalize().hexadecimal
    }

    private func collectLines(at path: String, into lines: inout [String]) throws(ArtifactError) {
        let isArtifact = attributes["artifact"] != nil
        collectAttributeLines(
            attributes, at: path, without: isArtifact ? ["digest", "schema_version"] : [],
            into: &lines)
        let prefix = path == "/" ? "/" : path + "/"
        for (name, dataset) in datasets where !(isArtifact && name == Self.notesName) {
            let datasetPath = prefix + name
            let shape = dataset.shape.map(String.init).joined(separator: "x")
            let sha256 = try dataset.elementsDigest(at: datasetPath)
            lines.append(
                ["dataset", datasetPath, dataset.dtype, shape, sha256].joined(separator: "\t"))
            collectAttributeLines(
                dataset.attributes, at: datasetPath, without: ["sha256"], into: &lines)
        }
        for (name, group) in groups
        where !(isArtifact && ["provenance", Self.notesName].contains(name)) {
            try group.collectLines(at: prefix + name, into: &lines)
        }
    }

    private func collectAttributeLines(
        _ attributes: [String: AttributeContent], at path: String, without excluded: Set<String>,
        into lines: inout [String]
    ) {
        for (name, value) in attributes
        where name != "path" && !excluded.contains(name) && !dimensionScaleAttributes.contains(name)
        {
            var hash = SHA256()
            let count = value.update(&hash)
            let sha256 = hash.finalize().hexadecimal
            lines.append(
                ["attribute", path, name, value.type.dtype, String(count), sha256]
                    .joined(separator: "\t"))
        }
    }
}

/// The attributes by which HDF5 and netCDF store dimension scales and labels.
let dimensionScaleAttributes: Set<String> = [
    "CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "DIMENSION_LABELS",
    "_Netcdf4Dimid", "_Netcdf4Coordinates", "_NCProperties",
]

extension ContentDataset {
    /// SHA-256 of the elements: computed for those in memory, the stored one for bulk data.
    func elementsDigest(at path: String) throws(ArtifactError) -> String {
        if let values {
            var hash = SHA256()
            values.update(&hash)
            return hash.finalize().hexadecimal
        }
        guard let sha256 else {
            throw ArtifactError(
                .badData, path: path,
                "bulk data without the attribute sha256: nothing vouches for it")
        }
        return sha256
    }
}

extension ElementValues {
    fileprivate func update(_ hash: inout SHA256) {
        switch self {
        case .float32(let values): hash.update(elements: values)
        case .float64(let values): hash.update(elements: values)
        case .int32(let values): hash.update(elements: values)
        case .int64(let values): hash.update(elements: values)
        case .bool(let values): hash.update(elements: values.map { UInt8($0 ? 1 : 0) })
        case .string(let texts): for text in texts { hash.update(prefixed: text) }
        }
    }
}

extension AttributeContent {
    /// Adds the elements to the hash. Returns their number, 1 for a single value.
    fileprivate func update(_ hash: inout SHA256) -> Int {
        switch self {
        case .string(let text), .other(let text):
            hash.update(prefixed: text)
            return 1
        case .strings(let texts):
            for text in texts { hash.update(prefixed: text) }
            return texts.count
        case .int64(let value):
            hash.update(elements: [Int64(value)])
            return 1
        case .int64s(let values):
            hash.update(elements: values.map { Int64($0) })
            return values.count
        case .float64(let value):
            hash.update(elements: [value])
            return 1
        case .float64s(let values):
            hash.update(elements: values)
            return values.count
        }
    }
}
