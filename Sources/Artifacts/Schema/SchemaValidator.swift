/// Validates an artifact's content against its schema.
struct SchemaValidator {
    /// Whether the content follows a newer version of the schema, which may have added to it.
    private let isNewer: Bool
    private(set) var diagnostics: [Diagnostic] = []
    /// What the schema doesn't have, of an artifact that isn't newer than it.
    private(set) var unknown: [UnknownPart] = []
    /// The length of each axis, and the path of the first dataset that has the axis.
    private var lengths: [String: (length: Int, path: String)] = [:]
    /// Datasets of indices, to be checked once the lengths of all axes are known.
    private var indices: [(path: String, axis: String, greatest: Double)] = []

    /// Every difference of `content` from `schema`, in the order of the schema.
    static func diagnose(
        _ content: ContentGroup, against schema: Schema, at root: String = "/"
    ) -> [Diagnostic] {
        validate(content, against: schema, at: root).diagnostics
    }

    /// Compares `content` with `schema`.
    static func validate(
        _ content: ContentGroup, against schema: Schema, at root: String = "/"
    ) -> SchemaValidator {
        let version = content.optionalText("schema_version").flatMap { SchemaVersion($0) }
        let own = SchemaVersion(schema.version)
        var validator = SchemaValidator(
            isNewer: version.flatMap { version in own.map { version > $0 } } ?? false)
        validator.check(content, schema.root, at: root)
        validator.checkIndices()
        return validator
    }

    private init(isNewer: Bool) {
        self.isNewer = isNewer
    }

    private mutating func report(_ path: String, _ message: String) {
        diagnostics.append(Diagnostic(path: path, message))
    }

    /// Reports what the schema doesn't have: a newer minor version may have added it, and then readers
    /// ignore it; else it is refused.
    private mutating func reportUnknown(_ part: UnknownPart) {
        if isNewer {
            let message = "the \(part.form) is ignored: added by a newer version"
            return diagnostics.append(Diagnostic(.note, path: part.description, message))
        }
        unknown.append(part)
        report(
            part.description,
            "the \(part.form) is no part of the schema: what you add yourself goes into the group "
                + "/\(ContentGroup.notesName) (circuit-check --repair moves it there)")
    }

    private mutating func check(
        _ group: ContentGroup, _ specification: GroupSpecification, at path: String
    ) {
        let prefix = path == "/" ? "/" : path + "/"
        checkAttributes(group.attributes, specification.attributes ?? [], at: path)

        var known: Set<String> = []
        for wanted in specification.datasets ?? [] {
            if let name = wanted.name {
                known.insert(name)
                if let dataset = group.datasets[name] {
                    check(dataset, wanted, at: prefix + name)
                } else if group.groups[name] != nil {
                    report(prefix + name, "it is a group, and should be a dataset")
                } else if wanted.required ?? true {
                    report(prefix + name, "the dataset is missing")
                }
            } else {
                for (name, dataset) in group.datasets.sorted(by: { $0.key < $1.key })
                where known.insert(name).inserted {
                    check(dataset, wanted, at: prefix + name)
                }
            }
        }
        for wanted in specification.groups ?? [] {
            guard let name = wanted.name else { continue }
            known.insert(name)
            if let inner = group.groups[name] {
                checkGroup(inner, wanted, at: prefix + name)
            } else if group.datasets[name] != nil {
                report(prefix + name, "it is a dataset, and should be a group")
            } else if wanted.required ?? true {
                report(prefix + name, "the group is missing")
            }
        }
        for name in group.datasets.keys.sorted() where !known.contains(name) {
            reportUnknown(UnknownPart(.dataset, name, in: path))
        }
        for name in group.groups.keys.sorted() where !known.contains(name) {
            reportUnknown(UnknownPart(.group, name, in: path))
        }
    }

    private mutating func checkGroup(
        _ group: ContentGroup, _ specification: GroupSpecification, at path: String
    ) {
        guard let kind = specification.artifact.flatMap(ArtifactKind.init) else {
            return check(group, specification, at: path)
        }
        // An artifact inside this one has its own schema and its own axes.
        do throws(ArtifactError) {
            try ArtifactHeader(group, path: path).check(is: kind)
            let inner = Self.validate(group, against: try kind.schema(), at: path)
            diagnostics += inner.diagnostics
            unknown += inner.unknown
        } catch {
            report(path, error.message)
        }
    }

    private mutating func check(
        _ dataset: ContentDataset, _ specification: DatasetSpecification, at path: String
    ) {
        checkAttributes(dataset.attributes, specification.attributes ?? [], at: path)
        guard specification.dtype.all.contains(dataset.dtype) else {
            let wanted = specification.dtype.all.joined(separator: " or ")
            return report(path, "its elements are \(dataset.dtype), and should be \(wanted)")
        }
        checkShape(dataset, specification, at: path)
        guard let values = dataset.values else { return }
        if specification.format == "sha256", case .string(let texts) = values,
            let wrong = texts.first(where: { !isSHA256($0) })
        {
            report(path, "'\(wrong.prefix(80))' isn't a SHA-256")
        }
        guard let range = values.range else { return }
        let minimum = specification.minimum ?? (specification.indexInto == nil ? nil : 0)
        if let minimum, range.lowerBound < minimum {
            report(path, "\(plain(range.lowerBound)) is less than \(plain(minimum))")
        }
        if let maximum = specification.maximum, range.upperBound > maximum {
            report(path, "\(plain(range.upperBound)) is more than \(plain(maximum))")
        }
        if let axis = specification.indexInto {
            indices.append((path, axis, range.upperBound))
        }
    }

    private mutating func checkShape(
        _ dataset: ContentDataset, _ specification: DatasetSpecification, at path: String
    ) {
        var dims = specification.dims
        let isOpen = dims.last == "..."
        if isOpen { dims.removeLast() }
        let rank = dataset.shape.count
        guard isOpen ? rank >= dims.count : rank == dims.count else {
            let wanted = specification.dims.joined(separator: ", ")
            return report(path, "it has \(rank) axes, and should have [\(wanted)]")
        }
        for (dim, length) in zip(dims, dataset.shape) {
            guard let first = lengths[dim] else {
                lengths[dim] = (length, path)
                continue
            }
            if first.length != length {
                report(
                    path,
                    "\(length) along the axis \(dim), but \(first.path) has \(first.length)")
            }
        }
    }

    private mutating func checkIndices() {
        for (path, axis, greatest) in indices {
            let length = lengths[axis]?.length ?? 0
            if greatest >= Double(length) {
                report(path, "the index \(plain(greatest)) is outside the \(length) of \(axis)")
            }
        }
    }

    private mutating func checkAttributes(
        _ attributes: [String: AttributeContent], _ specifications: [AttributeSpecification],
        at path: String
    ) {
        for wanted in specifications {
            let attributePath = path + "@" + wanted.name
            if let value = attributes[wanted.name] {
                if let problem = wanted.problem(with: value) { report(attributePath, problem) }
            } else if wanted.required ?? true {
                report(attributePath, "the attribute is missing")
            }
        }
        let known = Set(specifications.map(\.name))
        for name in attributes.keys.sorted()
        where !known.contains(name) && !dimensionScaleAttributes.contains(name) {
            reportUnknown(UnknownPart(.attribute, name, in: path))
        }
    }
}
