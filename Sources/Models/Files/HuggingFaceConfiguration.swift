import Basics

/// `config.json`, asked key by key: what is absent or of another type is an error that names it.
struct HuggingFaceConfiguration: Sendable {
    /// The file, for errors.
    let path: String
    private let values: [String: JSONValue]

    init(path: String) throws(Failure) {
        self.path = path
        values = try MappedFile(path: path)
            .decodeJSON([String: JSONValue].self, what: "the configuration")
    }

    private init(path: String, values: [String: JSONValue]) {
        self.path = path
        self.values = values
    }

    /// `model_type`, which names the architecture.
    var modelType: String {
        get throws(Failure) { try string("model_type") }
    }

    /// Whether the key is there and not null.
    func has(_ key: String) -> Bool {
        switch values[key] {
        case nil, .null: false
        default: true
        }
    }

    func int(_ key: String, default absent: Int? = nil) throws(Failure) -> Int {
        if !has(key), let absent { return absent }
        guard case .int(let value) = values[key] else { throw wrong(key, "a whole number") }
        return value
    }

    func float(_ key: String, default absent: Double? = nil) throws(Failure) -> Double {
        if !has(key), let absent { return absent }
        switch values[key] {
        case .int(let value): return Double(value)
        case .double(let value) where value.isFinite: return value
        default: throw wrong(key, "a number")
        }
    }

    func bool(_ key: String, default absent: Bool) throws(Failure) -> Bool {
        guard has(key) else { return absent }
        guard case .bool(let value) = values[key] else { throw wrong(key, "true or false") }
        return value
    }

    func string(_ key: String, default absent: String? = nil) throws(Failure) -> String {
        if !has(key), let absent { return absent }
        guard case .string(let value) = values[key] else { throw wrong(key, "a string") }
        return value
    }

    /// A list of strings, nil where there is none.
    func strings(_ key: String) throws(Failure) -> [String]? {
        guard has(key) else { return nil }
        guard case .array(let values) = values[key] else { throw wrong(key, "a list") }
        var strings: [String] = []
        for case .string(let value) in values { strings.append(value) }
        return strings
    }

    /// An object inside, empty where there is none.
    func object(_ key: String) throws(Failure) -> HuggingFaceConfiguration {
        guard has(key) else { return HuggingFaceConfiguration(path: path, values: [:]) }
        guard case .object(let inner) = values[key] else { throw wrong(key, "an object") }
        return HuggingFaceConfiguration(path: path, values: inner)
    }

    /// The nonlinearity that `key` names.
    func activation(
        _ key: String, default absent: String
    ) throws(Failure) -> ModelConfiguration.Activation {
        switch try string(key, default: absent) {
        case "gelu": return .gelu
        case "gelu_new", "gelu_pytorch_tanh", "gelu_fast": return .geluTanh
        case "silu", "swish": return .silu
        case "relu": return .relu
        case let other: throw unsupported("the activation \"\(other)\"")
        }
    }

    /// An error about what the file asks for and this software doesn't do.
    func unsupported(_ what: String) -> Failure {
        Failure(.badData, "\(path): \(what) isn't supported")
    }

    private func wrong(_ key: String, _ expected: String) -> Failure {
        Failure(
            .badData,
            has(key) ? "\(path): \(key) isn't \(expected)" : "\(path): \(key) is missing")
    }
}
