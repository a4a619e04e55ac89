/// The specification of one version of an artifact kind: the groups, datasets and attributes that a
/// file has, in the vocabulary of the HDMF specification language (NWB).
///
/// The JSON files in schemas/ are read into this type; schemas/README.md explains the keys.
package struct Schema: Hashable, Sendable, Decodable {
    /// The version of the schema language.
    package var schema: String
    /// The artifact kind.
    package var artifact: String
    /// The version of the kind.
    package var version: String
    /// The root group.
    package var root: GroupSpecification

    /// Decodes a schema file, whose top level is also its root group.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schema = try container.decode(String.self, forKey: .schema)
        artifact = try container.decode(String.self, forKey: .artifact)
        version = try container.decode(String.self, forKey: .version)
        root = GroupSpecification(
            doc: try container.decode(String.self, forKey: .doc),
            attributes: try container.decodeIfPresent(
                [AttributeSpecification].self, forKey: .attributes),
            datasets: try container.decodeIfPresent(
                [DatasetSpecification].self, forKey: .datasets),
            groups: try container.decodeIfPresent([GroupSpecification].self, forKey: .groups))
    }

    private enum CodingKeys: String, CodingKey {
        case schema, artifact, version, doc, attributes, datasets, groups
    }
}

/// The specification of a group.
package struct GroupSpecification: Hashable, Sendable, Decodable {
    /// The group's name; nil for the root.
    package var name: String?
    /// Whether it must be there; nil for true.
    package var required: Bool?
    /// The kind of the artifact that the group is; nil for an ordinary group.
    package var artifact: String?
    /// The version of that artifact.
    package var version: String?
    /// Its description.
    package var doc: String
    /// Its attributes.
    package var attributes: [AttributeSpecification]?
    /// Its datasets.
    package var datasets: [DatasetSpecification]?
    /// Its groups.
    package var groups: [GroupSpecification]?
}

/// The specification of a dataset.
package struct DatasetSpecification: Hashable, Sendable, Decodable {
    /// The dataset's name; nil for any number of datasets of any names.
    package var name: String?
    /// The element types it may have.
    package var dtype: OneOrMore<String>
    /// The name of each axis; axes of the same name have the same length throughout the artifact. A
    /// last `...` stands for any further axes.
    package var dims: [String]
    /// Whether it must be there; nil for true.
    package var required: Bool?
    /// Whether its elements are the coordinates of its axis.
    package var scale: Bool?
    /// Whether it may be too large to be read as a whole.
    package var bulk: Bool?
    /// The axis that the elements are indices into.
    package var indexInto: String?
    /// The least value.
    package var minimum: Double?
    /// The greatest value.
    package var maximum: Double?
    /// `sha256` where every element must be one.
    package var format: String?
    /// Its description.
    package var doc: String
    /// Its attributes.
    package var attributes: [AttributeSpecification]?

    private enum CodingKeys: String, CodingKey {
        case name, dtype, dims, required, scale, bulk, minimum, maximum, format, doc, attributes
        case indexInto = "index_into"
    }
}

/// The specification of an attribute.
package struct AttributeSpecification: Hashable, Sendable, Decodable {
    /// The attribute's name.
    package var name: String
    /// The type of its value.
    package var dtype: String
    /// Its shape; nil for a single value, `[null]` for a list.
    package var shape: [Int?]?
    /// Whether it must be there; nil for true.
    package var required: Bool?
    /// The values it may have.
    package var values: [SchemaValue]?
    /// The least value.
    package var minimum: Double?
    /// The greatest value.
    package var maximum: Double?
    /// `sha256` where the value must be one.
    package var format: String?
    /// Its description.
    package var doc: String
}

/// A text or a number in a schema.
package enum SchemaValue: Hashable, Sendable, Decodable {
    /// A text.
    case text(String)
    /// A number.
    case number(Double)

    /// Decodes a JSON string or number.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            self = .number(try container.decode(Double.self))
        }
    }
}

/// One value, or a list of them, in JSON.
package struct OneOrMore<Value: Hashable & Sendable & Decodable>: Hashable, Sendable, Decodable {
    /// The values.
    package var all: [Value]

    /// Decodes a single value or an array.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Value.self) {
            all = [value]
        } else {
            all = try container.decode([Value].self)
        }
    }
}
