/// A group, dataset or attribute that the schema of an artifact doesn't have.
package struct UnknownPart: Hashable, Sendable, CustomStringConvertible {
    /// What it is.
    package enum Form: String, Hashable, Sendable {
        /// A group with all that is in it.
        case group
        /// A dataset.
        case dataset
        /// An attribute of a group or dataset.
        case attribute
    }

    /// What it is.
    package let form: Form
    /// Its name.
    package let name: String
    /// The path of the group or dataset that it belongs to.
    package let owner: String

    init(_ form: Form, _ name: String, in owner: String) {
        self.form = form
        self.name = name
        self.owner = owner
    }

    /// Its path inside the file, for an attribute `PATH@NAME`.
    package var description: String {
        if form == .attribute { return owner + "@" + name }
        return (owner == "/" ? "/" : owner + "/") + name
    }
}

extension ContentGroup {
    /// The name of the group at an artifact's root that is its user's: anything may be in it, no reader
    /// looks at it, and it is no part of the digest.
    package static let notesName = "notes"

    /// This content, the root of a file, without `parts`.
    func removing(_ parts: [UnknownPart]) -> ContentGroup {
        var content = self
        for part in parts {
            content.remove(part, below: part.owner.split(separator: "/").map(String.init)[...])
        }
        return content
    }

    private mutating func remove(_ part: UnknownPart, below path: ArraySlice<String>) {
        guard let first = path.first else {
            switch part.form {
            case .group: groups[part.name] = nil
            case .dataset: datasets[part.name] = nil
            case .attribute: attributes[part.name] = nil
            }
            return
        }
        if path.count == 1, part.form == .attribute, datasets[first] != nil {
            datasets[first]?.attributes[part.name] = nil
        } else {
            groups[first]?.remove(part, below: path.dropFirst())
        }
    }
}
