package import Artifacts
package import Basics

/// The formats that `circuit-convert` reads and writes.
package enum InterchangeFormats {
    /// All formats, in the order of the table in the documentation. A file is of the first that
    /// recognises it.
    package static let all: [any InterchangeFormat] = [
        MIBJSONFormat(), EAPIGTorchFormat(), EAPIGDatasetFormat(), AutoCircuitScoresFormat(),
        AutoCircuitDatasetFormat(), ACDCEdgesFormat(), EdgePruningFormat(),
        EdgePruningDatasetFormat(), ViewerFormat(), TracerGraphFormat(), EdgeListFormat(),
        JSONLinesFormat(),
        SafetensorsCacheFormat(), NumpyCacheFormat(), GraphMLFormat(), NetworkXFormat(),
        ControlVectorFormat(),
    ]

    /// The format of this name.
    /// - Throws: ``Basics/Failure`` (usage) that lists the names there are.
    package static func named(_ name: String) throws(Failure) -> any InterchangeFormat {
        guard let format = all.first(where: { $0.name == name }) else {
            let names = all.map(\.name).joined(separator: ", ")
            throw Failure(.usage, "there is no format '\(name)'; choose one of \(names)")
        }
        return format
    }

    /// The format of a file that isn't an artifact, by its content.
    /// - Throws: ``Basics/Failure`` (bad data) where it is none that is read.
    package static func recognize(_ file: ForeignFile) throws(Failure) -> any InterchangeFormat {
        guard let format = all.first(where: { $0.recognizes(file) }) else {
            throw Failure(
                .badData,
                "\(file.name): it is no file of a known format, or a damaged one; circuit-convert "
                    + "--formats lists them, and --from NAME says what doesn't fit")
        }
        return format
    }

    /// The format in which an artifact of `kind` is written to `path`, by what the path ends with.
    /// - Throws: ``Basics/Failure`` (usage) where that tells none, or not one alone.
    package static func format(
        forOutput path: String, of kind: ArtifactKind
    ) throws(Failure) -> any InterchangeFormat {
        let fitting = all.filter { $0.writes.contains(kind) }
        guard !fitting.isEmpty else {
            throw Failure(
                .usage, "no format of another tool holds an artifact of kind \(kind.rawValue)")
        }
        let ending = path.lowercased()
        let told = fitting.filter { format in
            format.extensions.contains { ending.hasSuffix("." + $0) }
        }
        if told.count == 1, let only = told.first { return only }
        let names = (told.isEmpty ? fitting : told).map(\.name).joined(separator: ", ")
        throw Failure(
            .usage,
            "\(path == "-" ? "standard output" : path): say with --to which format to write: \(names)"
        )
    }

    /// The table of all formats as Markdown, for the documentation.
    package static var table: String {
        func kinds(_ kinds: [ArtifactKind]) -> String {
            kinds.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        }
        let rows = all.map { format in
            let endings = format.extensions.map { "`.\($0)`" }.joined(separator: ", ")
            return "| `\(format.name)` | \(format.origin) | \(endings) | \(format.recognition) | "
                + "\(format.reads.isEmpty ? format.reading : kinds(format.reads)) | "
                + "\(format.writes.isEmpty ? "only read" : kinds(format.writes)) | "
                + "\(format.cannotHold) |"
        }
        return """
            | format | of | files | told by | read as | written from | can't hold |
            | --- | --- | --- | --- | --- | --- | --- |

            """ + rows.map { $0 + "\n" }.joined()
    }

    /// The formats for a terminal, a paragraph each.
    package static var listing: String {
        all.map { format in
            func kinds(_ kinds: [ArtifactKind]) -> String {
                kinds.map(\.rawValue).joined(separator: ", ")
            }
            return """
                \(format.name) (\(format.extensions.map { "." + $0 }.joined(separator: ", ")))
                  of: \(format.origin)
                  told by: \(format.recognition)
                  read as: \(format.reads.isEmpty ? format.reading : kinds(format.reads))
                  written from: \(format.writes.isEmpty ? "only read" : kinds(format.writes))
                  can't hold: \(format.cannotHold)
                """
        }.joined(separator: "\n\n")
    }
}
