import Basics
import CHDF5

extension Dataset {
    /// Calls `body` with the bytes of the elements piece by piece, in row-major order, in the canonical
    /// form that digests are computed from: it depends on nothing but the values.
    ///
    /// Numbers and truth values are given as little-endian bytes, a fixed string as it is stored with
    /// its padding, a text as its length in bytes (8 bytes, little-endian) and its UTF-8. The sizes of
    /// the pieces have no meaning.
    ///
    /// - Throws: `badData` for an element type without a canonical form.
    package borrowing func forEachPiece(
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(HDF5Error) {
        switch elementType {
        case .string:
            for text in try readStrings() { withCanonicalBytes(of: text, body) }
        case .other:
            throw location.failure("read", .badData, "its type is \(elementType)")
        case .fixedString(let length):
            try forEachRowBlock(elementSize: length) { (start, shape) throws(HDF5Error) in
                try readFixed(length: length, start: start, shape: shape).withUnsafeBytes(body)
            }
        default:
            let type = elementType
            let size = type.size
            var buffer: [UInt8] = []
            try forEachRowBlock(elementSize: size) { (start, shape) throws(HDF5Error) in
                let byteCount = shape.reduce(1, *) * size
                if buffer.count < byteCount { buffer = [UInt8](repeating: 0, count: byteCount) }
                var failure: HDF5Error?
                buffer.withUnsafeMutableBytes { bytes in
                    let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[..<byteCount])
                    do throws(HDF5Error) {
                        try transferRaw(into: piece, type: type, start: start, shape: shape)
                        body(UnsafeRawBufferPointer(piece))
                    } catch {
                        failure = error
                    }
                }
                if let failure { throw failure }
            }
        }
    }

    /// Calls `body` with boxes that cover the dataset, in row-major order, each of about a megabyte,
    /// and of whole chunks along the first axis so that no chunk is decompressed twice.
    borrowing func forEachRowBlock(
        elementSize: Int, _ body: (_ start: [Int], _ shape: [Int]) throws(HDF5Error) -> Void
    ) throws(HDF5Error) {
        guard count > 0 else { return }
        guard !shape.isEmpty else {
            try body([], [])
            return
        }
        let bound = 1 << 20
        // The axis along which boxes are cut: the first at which a single index isn't too large.
        var axis = 0
        var below = count / shape[0]
        if layout.chunkShape == nil {
            while axis + 1 < shape.count, below * max(elementSize, 1) > bound {
                axis += 1
                below /= shape[axis]
            }
        }
        // A chunk may be larger than the dataset.
        let chunkRows = min(layout.chunkShape?.first ?? 1, shape[0])
        let step = max(1, bound / max(1, below * max(elementSize, 1) * chunkRows)) * chunkRows
        var start = shape.map { _ in 0 }
        var box = shape
        for outer in 0..<axis { box[outer] = 1 }
        while true {
            box[axis] = min(step, shape[axis] - start[axis])
            try body(start, box)
            start[axis] += box[axis]
            var carry = axis
            while start[carry] >= shape[carry] {
                if carry == 0 { return }
                start[carry] = 0
                carry -= 1
                start[carry] += 1
            }
        }
    }
}

/// Calls `body` with the canonical form of a text: see `Dataset.forEachPiece(_:)`.
func withCanonicalBytes(of text: String, _ body: (UnsafeRawBufferPointer) -> Void) {
    withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian, body)
    var text = text
    text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
}
