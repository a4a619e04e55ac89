/// A Swift number that a dataset's elements can be read to and written from.
///
/// Its bytes in memory are those in the file. bfloat16 numbers are `UInt16` here.
package protocol HDF5Element: BitwiseCopyable, Sendable {
    /// The type it is stored as.
    static var elementType: ElementType { get }
}

extension Float: HDF5Element {
    /// `float32`
    package static var elementType: ElementType { .float32 }
}

extension Double: HDF5Element {
    /// `float64`
    package static var elementType: ElementType { .float64 }
}

#if !(os(macOS) && arch(x86_64))
    extension Float16: HDF5Element {
        /// `float16`
        package static var elementType: ElementType { .float16 }
    }
#endif

extension Int: HDF5Element {
    /// `int64`
    package static var elementType: ElementType { .int64 }
}

extension Int8: HDF5Element {
    /// `int8`
    package static var elementType: ElementType { .int8 }
}

extension Int16: HDF5Element {
    /// `int16`
    package static var elementType: ElementType { .int16 }
}

extension Int32: HDF5Element {
    /// `int32`
    package static var elementType: ElementType { .int32 }
}

extension Int64: HDF5Element {
    /// `int64`
    package static var elementType: ElementType { .int64 }
}

extension UInt8: HDF5Element {
    /// `uint8`
    package static var elementType: ElementType { .uint8 }
}

extension UInt16: HDF5Element {
    /// `uint16`
    package static var elementType: ElementType { .uint16 }
}

extension UInt32: HDF5Element {
    /// `uint32`
    package static var elementType: ElementType { .uint32 }
}

extension UInt64: HDF5Element {
    /// `uint64`
    package static var elementType: ElementType { .uint64 }
}
