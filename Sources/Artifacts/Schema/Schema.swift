/// The specification of one version of an artifact kind: the groups, datasets and attributes that a
/// file has, in the vocabulary of the HDMF specification language (NWB).
///
/// The JSON files in schemas/ are read into this type; schemas/README.md explains the keys.
public struct Schema: Hashable, Sendable, Decodable {
    /// The version of the schema language.
    public var schema: String
    /// The artifact kind.
    public var artifact: String
    /// The version of the kind.
    public var version: String
    /// The root group.
    public var root: GroupSpecification

    /// Decodes a schema file, whose top level is also its root group.
    public init(from decoder: any Decoder) throws {
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

/// What a schema says of a group.
public struct GroupSpecification: Hashable, Sendable, Decodable {
    /// The group's name; nil for the root.
    public var name: String?
    /// Whether it must be there; true where the schema is silent.
    public var required: Bool?
    /// The kind of the artifact that the group holds whole; nil for an ordinary group.
    public var artifact: String?
    /// The version of that artifact.
    public var version: String?
    /// What it is.
    public var doc: String
    /// Its attributes.
    public var attributes: [AttributeSpecification]?
    /// Its datasets.
    public var datasets: [DatasetSpecification]?
    /// Its groups.
    public var groups: [GroupSpecification]?
}

/// What a schema says of a dataset.
public struct DatasetSpecification: Hashable, Sendable, Decodable {
    /// The dataset's name; nil where any name will do, any number of times.
    public var name: String?
    /// The element types it may have.
    public var dtype: OneOrMore<String>
    /// The name of each axis; axes of one name have one length throughout the artifact. A last `...`
    /// stands for any further axes.
    public var dims: [String]
    /// Whether it must be there; true where the schema is silent.
    public var required: Bool?
    /// Whether its elements are the coordinates of its axis.
    public var scale: Bool?
    /// Whether it may be too large to read whole.
    public var bulk: Bool?
    /// The axis whose places the elements are indices of.
    public var indexInto: String?
    /// The least value.
    public var minimum: Double?
    /// The greatest value.
    public var maximum: Double?
    /// `sha256` where every element must be one.
    public var format: String?
    /// What it is.
    public var doc: String
    /// Its attributes.
    public var attributes: [AttributeSpecification]?

    private enum CodingKeys: String, CodingKey {
        case name, dtype, dims, required, scale, bulk, minimum, maximum, format, doc, attributes
        case indexInto = "index_into"
    }
}

/// What a schema says of an attribute.
public struct AttributeSpecification: Hashable, Sendable, Decodable {
    /// The attribute's name.
    public var name: String
    /// The type of its value.
    public var dtype: String
    /// Its shape; nil for a single value, `[null]` for a list.
    public var shape: [Int?]?
    /// Whether it must be there; true where the schema is silent.
    public var required: Bool?
    /// The values it may have.
    public var values: [SchemaValue]?
    /// The least value.
    public var minimum: Double?
    /// The greatest value.
    public var maximum: Double?
    /// `sha256` where the value must be one.
    public var format: String?
    /// What it is.
    public var doc: String
}

/// A text or a number in a schema.
public enum SchemaValue: Hashable, Sendable, Decodable {
    /// A text.
    case text(String)
    /// A number.
    case number(Double)

    /// Decodes a JSON string or number.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            self = .number(try container.decode(Double.self))
        }
    }
}

/// One value, or a list of them, in JSON.
public struct OneOrMore<Value: Hashable & Sendable & Decodable>: Hashable, Sendable, Decodable {
    /// The values.
    public var all: [Value]

    /// Decodes a single value or an array.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Value.self) {
            all = [value]
        } else {
            all = try container.decode([Value].self)
        }
    }
}
