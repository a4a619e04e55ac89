import Basics
import CHDF5

/// An open attribute: it reads and writes its value.
struct StoredAttribute: ~Copyable {
    private let identifier: Identifier
    private let name: String
    private let location: Location
    private let operation: String

    init(_ name: String, of object: ObjectReference) throws(HDF5Error) {
        self.name = name
        location = object.location
        operation = "read attribute \(name)"
        identifier = Identifier(
            try location.check(H5Aopen(object.id, name, CHDF5_DEFAULT()), operation),
            in: object.file, close: H5Aclose)
    }

    func read() throws(HDF5Error) -> Attribute {
        let type = Identifier(
            try location.check(H5Aget_type(identifier.id), operation), close: H5Tclose)
        let space = Identifier(
            try location.check(H5Aget_space(identifier.id), operation), close: H5Sclose)
        let elementType = ElementType(libraryType: type.id)
        guard H5Sget_simple_extent_type(space.id) != H5S_NULL else {
            return Attribute(name: name, elementType: .other("empty"), shape: [], value: nil)
        }
        let shape = try Extent(of: space.id, at: location).shape
        let values = try values(elementType, type: type.id, count: shape.reduce(1, *))
        return Attribute(
            name: name, elementType: elementType, shape: shape,
            value: shape.isEmpty ? values?.scalar : values)
    }

    private func values(
        _ elementType: ElementType, type: hid_t, count: Int
    ) throws(HDF5Error) -> AttributeValue? {
        switch elementType {
        case .float16, .float32, .float64: return .doubles(try numbers(count, .float64, zero: 0.0))
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32:
            return .ints(try numbers(count, .int64, zero: 0))
        case .uint64:
            var result: [Int] = []
            for value in try numbers(count, .uint64, zero: UInt64(0)) {
                guard let value = Int(exactly: value) else {
                    throw location.failure(operation, .badData, "\(value) is too large")
                }
                result.append(value)
            }
            return .ints(result)
        case .bool: return .ints(try numbers(count, .bool, zero: Int8(0)).map { $0 != 0 ? 1 : 0 })
        case .string: return .strings(try variableTexts(count, type: type))
        case .fixedString(let length):
            return .strings(try fixedTexts(count, length: length, type: type))
        case .other: return nil
        }
    }

    /// Refuses more than `most` elements: an attribute's value is read in one piece, whatever its size.
    private func checkCount(_ count: Int, most: Int) throws(HDF5Error) {
        guard count <= most else {
            throw location.failure(operation, .badData, "it claims \(count) elements")
        }
    }

    private func numbers<Number: BitwiseCopyable>(
        _ count: Int, _ memory: ElementType, zero: Number
    ) throws(HDF5Error) -> [Number] {
        try checkCount(count, most: 1 << 23)
        var values = [Number](repeating: zero, count: count)
        guard count > 0 else { return values }
        let type = try memory.makeLibraryType(at: location)
        try location.check(H5Aread(identifier.id, type.id, &values), operation)
        return values
    }

    private func fixedTexts(
        _ count: Int, length: Int, type: hid_t
    ) throws(HDF5Error) -> [String] {
        let (size, overflow) = count.multipliedReportingOverflow(by: length)
        try checkCount(overflow ? .max : size, most: 1 << 26)
        guard size > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: size)
        try location.check(H5Aread(identifier.id, type, &bytes), operation)
        var texts: [String] = []
        for first in stride(from: 0, to: size, by: length) {
            texts.append(
                try fixedText(bytes[first..<first + length], operation, at: location))
        }
        return texts
    }

    private func variableTexts(_ count: Int, type: hid_t) throws(HDF5Error) -> [String] {
        // All of them may refer to the same long text, and the library doesn't limit what it allocates.
        try checkCount(count, most: 4096)
        guard count > 0 else { return [] }
        // The attribute itself has a checksum, the heap that it refers to has none.
        _ = try identifier.file?.heaps()
        var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
        try location.check(H5Aread(identifier.id, type, &pointers), operation)
        defer { for pointer in pointers { H5free_memory(pointer) } }
        var texts: [String] = []
        for pointer in pointers {
            guard let pointer else {
                texts.append("")
                continue
            }
            guard let text = String(validatingCString: pointer) else {
                throw location.failure(operation, .badData, "it isn't UTF-8")
            }
            texts.append(text)
        }
        return texts
    }
}

extension StoredAttribute {
    static func write(
        _ name: String, _ value: AttributeValue, to object: ObjectReference
    ) throws(HDF5Error) {
        let location = object.location
        let operation = "write attribute \(name)"
        try location.checkName(name, operation)
        if try location.check(H5Aexists(object.id, name), operation) > 0 {
            try location.check(H5Adelete(object.id, name), operation, .io)
        }
        switch value {
        case .string(let text):
            let encoded = try EncodedTexts([text], at: location)
            try encoded.withPointers { pointers throws(HDF5Error) in
                try write(name, pointers, .string, shape: [], to: object)
            }
        case .strings(let texts):
            let encoded = try EncodedTexts(texts, at: location)
            try encoded.withPointers { pointers throws(HDF5Error) in
                try write(name, pointers, .string, shape: [texts.count], to: object)
            }
        case .int(let number): try write(name, [Int64(number)], .int64, shape: [], to: object)
        case .ints(let numbers):
            try write(name, numbers.map(Int64.init), .int64, shape: [numbers.count], to: object)
        case .double(let number): try write(name, [number], .float64, shape: [], to: object)
        case .doubles(let numbers):
            try write(name, numbers, .float64, shape: [numbers.count], to: object)
        }
    }

    private static func write<Number: BitwiseCopyable>(
        _ name: String, _ values: [Number], _ type: ElementType, shape: [Int],
        to object: ObjectReference
    ) throws(HDF5Error) {
        try withBytes(of: values) { bytes throws(HDF5Error) in
            try write(name, bytes.baseAddress, type, shape: shape, to: object)
        }
    }

    private static func write(
        _ name: String, _ values: UnsafeRawPointer?, _ elementType: ElementType, shape: [Int],
        to object: ObjectReference
    ) throws(HDF5Error) {
        let location = object.location
        let operation = "write attribute \(name)"
        let type = try elementType.makeLibraryType(at: location)
        let space = try makeSpace(shape, at: location)
        let attribute = Identifier(
            try location.check(
                H5Acreate2(
                    object.id, name, type.id, space.id, CHDF5_DEFAULT(), CHDF5_DEFAULT()),
                operation, .io),
            close: H5Aclose)
        guard let values, !shape.contains(0) else { return }
        try location.check(H5Awrite(attribute.id, type.id, values), operation, .io)
    }
}

extension AttributeValue {
    /// The single value of an array of one.
    fileprivate var scalar: AttributeValue? {
        switch self {
        case .strings(let values): values.first.map { .string($0) }
        case .ints(let values): values.first.map { .int($0) }
        case .doubles(let values): values.first.map { .double($0) }
        default: self
        }
    }
}
