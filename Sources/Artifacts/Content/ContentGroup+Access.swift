// How the kinds write to a tree and read from it. A tree that is read was validated against the
// schema before, so an error here means that the schema allows what the Swift type doesn't.

import Basics

extension ContentGroup {
    /// Adds a column: a dataset with one axis.
    mutating func set<Element: ContentElement>(
        _ name: String, _ values: [Element], dim: String, isScale: Bool = false
    ) {
        datasets[name] = ContentDataset(Element.wrap(values), dims: [dim], isScale: isScale)
    }

    /// Adds an array; nothing where there is none.
    mutating func set<Element: ContentElement>(
        _ name: String, _ array: DenseArray<Element>?, dims: [String]
    ) {
        guard let array else { return }
        datasets[name] = ContentDataset(
            Element.wrap(array.values), shape: array.shape, dims: dims)
    }

    /// Adds an attribute; nothing where there is no value.
    mutating func set(_ name: String, _ value: String?) {
        attributes[name] = value.map { .string($0) }
    }

    /// Adds an attribute; nothing where there is no value.
    mutating func set(_ name: String, _ value: Int?) {
        attributes[name] = value.map { .int64($0) }
    }

    /// Adds an attribute; nothing where there is no value.
    mutating func set(_ name: String, _ value: Double?) {
        attributes[name] = value.map { .float64($0) }
    }

    /// Adds a flag as the integer 0 or 1.
    mutating func set(_ name: String, _ value: Bool) {
        attributes[name] = .int64(value ? 1 : 0)
    }

    /// The group `name`.
    func group(_ name: String) throws(ArtifactError) -> ContentGroup {
        guard let group = groups[name] else {
            throw ArtifactError(.badData, path: "/" + name, "the group is missing")
        }
        return group
    }

    /// The elements of the dataset `name`.
    func values<Element: ContentElement>(
        _ name: String, as type: Element.Type = Element.self
    ) throws(ArtifactError) -> [Element] {
        guard let values = try optionalValues(name, as: type) else {
            throw ArtifactError(.badData, path: name, "the dataset is missing")
        }
        return values
    }

    /// The elements of the dataset `name`; nil where there is none.
    func optionalValues<Element: ContentElement>(
        _ name: String, as type: Element.Type = Element.self
    ) throws(ArtifactError) -> [Element]? {
        guard let dataset = datasets[name] else { return nil }
        guard let stored = dataset.values, let values = Element.unwrap(stored) else {
            throw ArtifactError(
                .badData, path: name, "its elements are \(dataset.dtype), not \(Element.dtype)")
        }
        return values
    }

    /// The dataset `name` with its shape; nil where there is none.
    func array<Element: ContentElement>(
        _ name: String, of type: Element.Type = Element.self
    ) throws(ArtifactError) -> DenseArray<Element>? {
        guard let values = try optionalValues(name, as: type), let dataset = datasets[name] else {
            return nil
        }
        return DenseArray(shape: dataset.shape, values: values)
    }

    /// The dataset `name` with its shape, which has `rank` axes.
    func requiredArray<Element: ContentElement>(
        _ name: String, rank: Int, of type: Element.Type = Element.self
    ) throws(ArtifactError) -> DenseArray<Element> {
        guard let array = try array(name, of: type), array.shape.count == rank else {
            throw ArtifactError(.badData, path: name, "no dataset of \(rank) axes")
        }
        return array
    }

    /// The text of the attribute `name`.
    func text(_ name: String) throws(ArtifactError) -> String {
        guard let text = optionalText(name) else { throw missingAttribute(name) }
        return text
    }

    /// The text of the attribute `name`; nil where there is none.
    func optionalText(_ name: String) -> String? {
        if case .string(let text) = attributes[name] { text } else { nil }
    }

    /// The texts of the attribute `name`; none where there is no such attribute.
    func texts(_ name: String) -> [String] {
        if case .strings(let texts) = attributes[name] { texts } else { [] }
    }

    /// The integer of the attribute `name`.
    func integer(_ name: String) throws(ArtifactError) -> Int {
        guard let value = optionalInteger(name) else { throw missingAttribute(name) }
        return value
    }

    /// The integer of the attribute `name`; nil where there is none.
    func optionalInteger(_ name: String) -> Int? {
        if case .int64(let value) = attributes[name] { value } else { nil }
    }

    /// The number of the attribute `name`.
    func number(_ name: String) throws(ArtifactError) -> Double {
        guard let value = optionalNumber(name) else { throw missingAttribute(name) }
        return value
    }

    /// The number of the attribute `name`; nil where there is none.
    func optionalNumber(_ name: String) -> Double? {
        if case .float64(let value) = attributes[name] { value } else { nil }
    }

    /// The flag of the attribute `name`.
    func flag(_ name: String) throws(ArtifactError) -> Bool {
        try integer(name) != 0
    }

    private func missingAttribute(_ name: String) -> ArtifactError {
        ArtifactError(.badData, "the attribute \(name) is missing")
    }
}
