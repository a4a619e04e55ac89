import Basics
import Synchronization

/// `config.json`, asked key by key: what is absent or of another type is an error that names it. It
/// remembers which keys were asked for, so that the others can be reported.
struct HuggingFaceConfiguration: Sendable {
    /// The file, for errors.
    let path: String
    private let values: [String: JSONValue]
    /// What stands before a key of an object inside.
    private let prefix: String
    private let asked: AskedKeys

    private final class AskedKeys: Sendable {
        let keys = Mutex<Set<String>>([])
    }

    init(path: String) throws(Failure) {
        self.path = path
        values = try MappedFile(path: path)
            .decodeJSON([String: JSONValue].self, what: "the configuration")
        prefix = ""
        asked = AskedKeys()
    }

    private init(
        path: String, values: [String: JSONValue], prefix: String, asked: AskedKeys
    ) {
        self.path = path
        self.values = values
        self.prefix = prefix
        self.asked = asked
    }

    /// `model_type`, which names the architecture.
    var modelType: String {
        get throws(Failure) { try string("model_type") }
    }

    /// Whether the key is there and not null.
    func has(_ key: String) -> Bool {
        switch value(key) {
        case nil, .null: false
        default: true
        }
    }

    /// Whether the key is there and null.
    func isNull(_ key: String) -> Bool { if case .null = value(key) { true } else { false } }

    /// Whether the key is there and an object.
    func isObject(_ key: String) -> Bool { if case .object = value(key) { true } else { false } }

    /// Whether there are no keys at all.
    var isEmpty: Bool { values.isEmpty }

    /// The keys, in order, that are there and not null and that nobody asked for; those of objects
    /// inside as `outer.inner`.
    var unaskedKeys: [String] {
        let known = asked.keys.withLock { $0 }
        func unasked(_ values: [String: JSONValue], _ prefix: String) -> [String] {
            values.flatMap { key, value -> [String] in
                let name = prefix + key
                switch value {
                case .null: return []
                case .object(let inner) where known.contains(name):
                    return unasked(inner, name + ".")
                default: return known.contains(name) ? [] : [name]
                }
            }
        }
        return unasked(values, "").sorted()
    }

    private func value(_ key: String) -> JSONValue? {
        _ = asked.keys.withLock { $0.insert(prefix + key) }
        return values[key]
    }

    func int(_ key: String, default absent: Int? = nil) throws(Failure) -> Int {
        if !has(key), let absent { return absent }
        guard case .int(let value) = value(key) else { throw wrong(key, "a whole number") }
        return value
    }

    func float(_ key: String, default absent: Double? = nil) throws(Failure) -> Double {
        if !has(key), let absent { return absent }
        switch self.value(key) {
        case .int(let value): return Double(value)
        case .double(let value) where value.isFinite: return value
        default: throw wrong(key, "a number")
        }
    }

    func bool(_ key: String, default absent: Bool) throws(Failure) -> Bool {
        guard has(key) else { return absent }
        guard case .bool(let value) = value(key) else { throw wrong(key, "true or false") }
        return value
    }

    func string(_ key: String, default absent: String? = nil) throws(Failure) -> String {
        if !has(key), let absent { return absent }
        guard case .string(let value) = value(key) else { throw wrong(key, "a string") }
        return value
    }

    /// A list of strings, nil where there is none.
    func strings(_ key: String) throws(Failure) -> [String]? {
        guard has(key) else { return nil }
        guard case .array(let values) = value(key) else { throw wrong(key, "a list") }
        return try values.map { value throws(Failure) in
            guard case .string(let string) = value else { throw wrong(key, "a list of strings") }
            return string
        }
    }

    /// A list of whole numbers, nil where there is none.
    func integers(_ key: String) throws(Failure) -> [Int]? {
        guard has(key) else { return nil }
        return try numbers(key).map { number throws(Failure) in
            guard let integer = Int(exactly: number) else {
                throw wrong(key, "a list of whole numbers")
            }
            return integer
        }
    }

    /// A list of numbers.
    func numbers(_ key: String) throws(Failure) -> [Double] {
        guard case .array(let values) = value(key) else { throw wrong(key, "a list of numbers") }
        return try values.map { value throws(Failure) in
            switch value {
            case .int(let number): return Double(number)
            case .double(let number) where number.isFinite: return number
            default: throw wrong(key, "a list of numbers")
            }
        }
    }

    /// An object inside, empty where there is none.
    func object(_ key: String) throws(Failure) -> HuggingFaceConfiguration {
        func object(_ values: [String: JSONValue]) -> HuggingFaceConfiguration {
            HuggingFaceConfiguration(
                path: path, values: values, prefix: prefix + key + ".", asked: asked)
        }
        guard has(key) else { return object([:]) }
        guard case .object(let inner) = value(key) else { throw wrong(key, "an object") }
        return object(inner)
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
