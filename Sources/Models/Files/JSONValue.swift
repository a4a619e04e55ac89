import Basics
import FoundationEssentials

/// Any JSON, for files whose keys depend on the model family.
enum JSONValue: Decodable, Sendable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let int = try? value.decode(Int.self) {
            self = .int(int)
        } else if let double = try? value.decode(Double.self) {
            self = .double(double)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([JSONValue].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }
}

extension MappedFile {
    /// The file's content as JSON of type `T`.
    func decodeJSON<T: Decodable>(
        _ type: T.Type, of range: Range<Int>? = nil, what: String
    ) throws(Failure) -> T {
        let part = UnsafeRawBufferPointer(rebasing: bytes[range ?? 0..<bytes.count])
        do {
            return try JSONDecoder().decode(type, from: Data(part))
        } catch {
            throw Failure(.badData, "\(path): \(what) isn't valid JSON of the kind expected")
        }
    }
}
