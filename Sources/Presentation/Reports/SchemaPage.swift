package import Artifacts

/// The schema of a kind as a page for people, in Markdown that reads well on a terminal too: what
/// `circuit-check --describe` prints, and docs/format has a file of for each kind.
package struct SchemaPage {
    private let kind: ArtifactKind
    private let schema: Schema
    private var lines: [String] = []

    /// The page of the current version of a kind.
    package init(_ kind: ArtifactKind) throws(ArtifactError) {
        self.kind = kind
        schema = try kind.schema()
        writeHead()
        write(schema.root, at: "/")
        writeAxes()
    }

    /// The page, ended by a line feed.
    package var text: String { lines.joined(separator: "\n") + "\n" }

    private mutating func writeHead() {
        lines += [
            "# \(kind.rawValue) \(schema.version)", "", schema.root.doc, "",
            "Made from `schemas/\(kind.rawValue)/\(schema.version).json`; "
                + "`circuit-check --describe \(kind.rawValue)` prints it. What holds in every file, and "
                + "the notes of your own that may be in it: [The files](README.md). Everything is "
                + "required unless it says optional; axes of one name have one length.",
        ]
    }

    // MARK: - Groups

    private mutating func write(_ group: GroupSpecification, at path: String) {
        if path == "/" {
            lines += ["", "## /"]
        } else {
            let isOptional = group.required == false
            lines += ["", "## \(path)" + (isOptional ? " (optional)" : ""), "", group.doc]
        }
        if let artifact = group.artifact {
            lines += ["", "An artifact of the kind [\(artifact)](\(artifact).md), whole."]
        }
        let attributes = group.attributes ?? []
        let datasets = group.datasets ?? []
        if !attributes.isEmpty || !datasets.isEmpty { lines.append("") }
        for attribute in attributes { write(attribute, indented: "") }
        for dataset in datasets { write(dataset) }
        for inner in group.groups ?? [] {
            write(inner, at: (path == "/" ? "/" : path + "/") + (inner.name ?? ""))
        }
    }

    private mutating func write(_ dataset: DatasetSpecification) {
        var facts = [
            "\(dataset.dtype.all.joined(separator: " or ")) [\(dataset.dims.joined(separator: ", "))]"
        ]
        if dataset.required == false { facts.append("optional") }
        if dataset.scale == true {
            facts.append("dimension scale of `\(dataset.dims.first ?? "")`")
        }
        if let axis = dataset.indexInto {
            facts.append("index into `\(axis)`" + (dataset.minimum == -1 ? ", or -1 for none" : ""))
        }
        facts += Self.limits(
            minimum: dataset.indexInto == nil ? dataset.minimum : nil, maximum: dataset.maximum,
            format: dataset.format)
        if dataset.bulk == true { facts.append("may be large: read when it is asked for") }
        let name = dataset.name.map { "`\($0)`" } ?? "any number of datasets, of any name"
        lines.append("- \(name): \(facts.joined(separator: "; ")). \(dataset.doc)")
        for attribute in dataset.attributes ?? [] { write(attribute, indented: "  ") }
    }

    private mutating func write(_ attribute: AttributeSpecification, indented indent: String) {
        var facts = [attribute.dtype + (attribute.shape == nil ? "" : " list")]
        if attribute.required == false { facts.append("optional") }
        if let values = attribute.values {
            let texts = values.map { value in
                if case .text(let text) = value { "`\(text)`" } else { value.description }
            }
            facts.append(texts.count == 1 ? texts[0] : "one of " + texts.joined(separator: ", "))
        }
        facts += Self.limits(
            minimum: attribute.minimum, maximum: attribute.maximum, format: attribute.format)
        lines.append(
            "\(indent)- attribute `\(attribute.name)`: \(facts.joined(separator: "; ")). "
                + attribute.doc)
    }

    private static func limits(minimum: Double?, maximum: Double?, format: String?) -> [String] {
        var limits: [String] = []
        switch (minimum.map(plain), maximum.map(plain)) {
        case (let least?, let greatest?): limits.append("\(least) to \(greatest)")
        case (let least?, nil): limits.append("at least \(least)")
        case (nil, let greatest?): limits.append("at most \(greatest)")
        case (nil, nil): break
        }
        if format == "sha256" { limits.append("a SHA-256 in hexadecimal digits") }
        return limits
    }

    private static func plain(_ number: Double) -> String {
        SchemaValue.number(number).description
    }

    // MARK: - Axes

    /// The axes in the order in which they appear, with the datasets that have them.
    private mutating func writeAxes() {
        var order: [String] = []
        var datasets: [String: [String]] = [:]
        func visit(_ group: GroupSpecification, at prefix: String) {
            for dataset in group.datasets ?? [] {
                let path = prefix + (dataset.name ?? "*")
                for axis in dataset.dims where axis != "..." {
                    if datasets[axis] == nil { order.append(axis) }
                    let mark = dataset.scale == true ? " (its names)" : ""
                    datasets[axis, default: []].append("`\(path)`\(mark)")
                }
            }
            for inner in group.groups ?? [] { visit(inner, at: "\(prefix)\(inner.name ?? "")/") }
        }
        visit(schema.root, at: "/")
        guard !order.isEmpty else { return }
        lines += ["", "## Axes", ""]
        for axis in order {
            lines.append("- `\(axis)`: \((datasets[axis] ?? []).joined(separator: ", "))")
        }
    }
}
