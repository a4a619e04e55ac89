/// An artifact's content between the Swift types and HDF5: a tree of groups, datasets and
/// attributes, in memory except for bulk data.
///
/// The kinds are encoded as this tree and decoded from it, and never use HDF5 themselves. One reader
/// and one writer translate it from and to a file, one function computes its digest, and one validator
/// checks it against a schema.
package struct ContentGroup: Hashable, Sendable {
    /// The group's attributes by name.
    package var attributes: [String: AttributeContent] = [:]
    /// The datasets in the group by name.
    package var datasets: [String: ContentDataset] = [:]
    /// The groups in the group by name.
    package var groups: [String: ContentGroup] = [:]

    /// An empty group.
    package init() {}
}

/// The value of an attribute.
package enum AttributeContent: Hashable, Sendable {
    /// A text.
    case string(String)
    /// Several texts.
    case strings([String])
    /// An integer.
    case int64(Int)
    /// Several integers.
    case int64s([Int])
    /// A number.
    case float64(Double)
    /// Several numbers.
    case float64s([Double])
    /// A value of a type that no schema uses: the name of the type.
    case other(String)

    /// The element type as the schemas name it, and whether there are several.
    var type: (dtype: String, isArray: Bool) {
        switch self {
        case .string: ("string", false)
        case .strings: ("string", true)
        case .int64: ("int64", false)
        case .int64s: ("int64", true)
        case .float64: ("float64", false)
        case .float64s: ("float64", true)
        case .other(let description): (description, false)
        }
    }
}

/// A dataset: its type, shape and axes, and, unless it is bulk data, its elements.
package struct ContentDataset: Hashable, Sendable {
    /// The element type as the schemas name it.
    package var dtype: String
    /// The length of each axis.
    package var shape: [Int]
    /// The name of each axis.
    package var dims: [String]
    /// Whether the elements are the coordinates of the axis they lie along (a dimension scale).
    var isScale: Bool
    /// The elements; nil for bulk data, which stay in the file.
    package var values: ElementValues?
    /// SHA-256 of the elements of bulk data, as stored; nil for elements in memory.
    var sha256: String?
    /// The dataset's attributes.
    package var attributes: [String: AttributeContent] = [:]

    /// Makes a dataset from elements in memory.
    package init(
        _ values: ElementValues, shape: [Int]? = nil, dims: [String], isScale: Bool = false
    ) {
        dtype = values.dtype
        self.shape = shape ?? [values.count]
        self.dims = dims
        self.isScale = isScale
        self.values = values
    }

    /// Describes a dataset of bulk data, whose elements stay in the file.
    package init(bulk dtype: String, shape: [Int], dims: [String], sha256: String?) {
        self.dtype = dtype
        self.shape = shape
        self.dims = dims
        isScale = false
        self.sha256 = sha256
    }
}
