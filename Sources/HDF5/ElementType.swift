import Basics
import CHDF5

/// The type of a dataset's or attribute's elements, as it is stored.
package enum ElementType: Hashable, Sendable {
    /// IEEE 754 numbers. `float16` is NumPy's half precision, not bfloat16.
    case float16, float32, float64
    /// Two's complement integers.
    case int8, int16, int32, int64
    /// Unsigned integers. bfloat16 is stored as `uint16`, with an attribute that says so.
    case uint8, uint16, uint32, uint64
    /// True or false, one byte: the enumeration that h5py reads as NumPy's `bool`.
    case bool
    /// UTF-8 text of any length.
    case string
    /// Text of `length` bytes at most, padded.
    case fixedString(length: Int)
    /// Any other type, such as references or compounds: a short description.
    case other(String)
}

extension ElementType: CustomStringConvertible {
    /// The name in NumPy's terms: `float32`, `int64`, `bool`; `string`, `string[16]`.
    package var description: String {
        switch self {
        case .float16: "float16"
        case .float32: "float32"
        case .float64: "float64"
        case .int8: "int8"
        case .int16: "int16"
        case .int32: "int32"
        case .int64: "int64"
        case .uint8: "uint8"
        case .uint16: "uint16"
        case .uint32: "uint32"
        case .uint64: "uint64"
        case .bool: "bool"
        case .string: "string"
        case .fixedString(let length): "string[\(length)]"
        case .other(let description): description
        }
    }
}

extension ElementType {
    /// Bytes of one element in memory; 0 of a `string` or `other`, which have no fixed size there.
    package var size: Int {
        switch self {
        case .int8, .uint8, .bool: 1
        case .float16, .int16, .uint16: 2
        case .float32, .int32, .uint32: 4
        case .float64, .int64, .uint64: 8
        case .fixedString(let length): length
        case .string, .other: 0
        }
    }

    /// Whether every value of this type is a value of `wider`, so that reading it as `wider` is exact.
    func widens(to wider: ElementType) -> Bool {
        if self == wider { return true }
        switch (self, wider) {
        case (.float16, .float32), (.float16, .float64), (.float32, .float64): return true
        case (.int8, .int16), (.int8, .int32), (.int8, .int64): return true
        case (.int16, .int32), (.int16, .int64), (.int32, .int64): return true
        case (.uint8, .uint16), (.uint8, .uint32), (.uint8, .uint64): return true
        case (.uint16, .uint32), (.uint16, .uint64), (.uint32, .uint64): return true
        case (.uint8, .int16), (.uint8, .int32), (.uint8, .int64): return true
        case (.uint16, .int32), (.uint16, .int64), (.uint32, .int64): return true
        default: return false
        }
    }
}

// MARK: - The library's types

extension ElementType {
    /// The library's type for this one, little-endian, in the file and in memory.
    func makeLibraryType(at location: Location) throws(HDF5Error) -> Identifier {
        let operation = "make the type \(self)"
        let id: hid_t
        switch self {
        case .float16: return try Self.makeFloat16(at: location)
        case .bool: return try Self.makeBool(at: location)
        case .float32: id = H5Tcopy(CHDF5_F32())
        case .float64: id = H5Tcopy(CHDF5_F64())
        case .int8: id = H5Tcopy(CHDF5_I8())
        case .int16: id = H5Tcopy(CHDF5_I16())
        case .int32: id = H5Tcopy(CHDF5_I32())
        case .int64: id = H5Tcopy(CHDF5_I64())
        case .uint8: id = H5Tcopy(CHDF5_U8())
        case .uint16: id = H5Tcopy(CHDF5_U16())
        case .uint32: id = H5Tcopy(CHDF5_U32())
        case .uint64: id = H5Tcopy(CHDF5_U64())
        case .string: return try Self.makeString(size: CHDF5_VARIABLE(), at: location)
        case .fixedString(let length):
            guard length > 0 else {
                throw location.failure(operation, .usage, "a fixed string needs a length")
            }
            return try Self.makeString(size: length, at: location)
        case .other:
            throw location.failure(operation, .usage, "such data can't be read or written")
        }
        return Identifier(try location.check(id, operation, .internalError), close: H5Tclose)
    }

    private static func makeString(
        size: Int, at location: Location
    ) throws(HDF5Error) -> Identifier {
        let operation = "make a string type"
        let type = Identifier(
            try location.check(H5Tcopy(CHDF5_C_STRING()), operation, .internalError),
            close: H5Tclose)
        try location.check(H5Tset_size(type.id, size), operation, .usage)
        try location.check(H5Tset_cset(type.id, H5T_CSET_UTF8), operation)
        let padding = size == CHDF5_VARIABLE() ? H5T_STR_NULLTERM : H5T_STR_NULLPAD
        try location.check(H5Tset_strpad(type.id, padding), operation)
        return type
    }

    /// IEEE 754 binary16: 1 sign bit, 5 exponent bits with bias 15, 10 bits of the significand.
    private static func makeFloat16(at location: Location) throws(HDF5Error) -> Identifier {
        let operation = "make the type float16"
        let type = Identifier(
            try location.check(H5Tcopy(CHDF5_F32()), operation, .internalError), close: H5Tclose)
        try location.check(H5Tset_fields(type.id, 15, 10, 5, 0, 10), operation)
        try location.check(H5Tset_size(type.id, 2), operation)
        try location.check(H5Tset_ebias(type.id, 15), operation)
        return type
    }

    private static func makeBool(at location: Location) throws(HDF5Error) -> Identifier {
        let operation = "make the type bool"
        let type = Identifier(
            try location.check(H5Tenum_create(CHDF5_I8()), operation, .internalError),
            close: H5Tclose)
        for (name, value) in [("FALSE", Int8(0)), ("TRUE", 1)] {
            var value = value
            try location.check(H5Tenum_insert(type.id, name, &value), operation)
        }
        return type
    }

    /// The type for the library's `type`.
    init(libraryType type: hid_t) {
        let size = H5Tget_size(type)
        switch H5Tget_class(type) {
        case H5T_FLOAT: self = Self.float(type, size: size)
        case H5T_INTEGER: self = Self.integer(type, size: size)
        case H5T_STRING:
            self = H5Tis_variable_str(type) > 0 ? .string : .fixedString(length: size)
        case H5T_ENUM: self = Self.isBool(type, size: size) ? .bool : .other("enumeration")
        case H5T_COMPOUND: self = .other("compound")
        case H5T_REFERENCE: self = .other("reference")
        case H5T_VLEN: self = .other("variable-length sequence")
        case H5T_ARRAY: self = .other("array")
        case H5T_OPAQUE: self = .other("opaque")
        case H5T_BITFIELD: self = .other("bit field")
        default: self = .other("unknown type")
        }
    }

    private static func float(_ type: hid_t, size: Int) -> ElementType {
        var sign = 0
        var exponent = 0
        var exponentBits = 0
        var fraction = 0
        var fractionBits = 0
        H5Tget_fields(type, &sign, &exponent, &exponentBits, &fraction, &fractionBits)
        return switch (size, exponentBits, fractionBits) {
        case (2, 5, 10): .float16
        case (4, 8, 23): .float32
        case (8, 11, 52): .float64
        default: .other("float of \(size) bytes")
        }
    }

    private static func integer(_ type: hid_t, size: Int) -> ElementType {
        guard H5Tget_precision(type) == size * 8 else { return .other("integer with padding") }
        let isSigned = H5Tget_sign(type) == H5T_SGN_2
        return switch size {
        case 1: isSigned ? .int8 : .uint8
        case 2: isSigned ? .int16 : .uint16
        case 4: isSigned ? .int32 : .uint32
        case 8: isSigned ? .int64 : .uint64
        default: .other("integer of \(size) bytes")
        }
    }

    /// Whether an enumeration is h5py's boolean: FALSE = 0 and TRUE = 1 in one byte.
    private static func isBool(_ type: hid_t, size: Int) -> Bool {
        guard size == 1, H5Tget_nmembers(type) == 2 else { return false }
        for (name, expected) in [("FALSE", Int8(0)), ("TRUE", 1)] {
            var value: Int8 = -1
            guard H5Tenum_valueof(type, name, &value) >= 0, value == expected else { return false }
        }
        return true
    }
}
