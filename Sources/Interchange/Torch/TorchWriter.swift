import Basics

/// What is saved: plain values and tensors.
package indirect enum TorchValue: Sendable {
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case text(String)
    case list([TorchValue])
    /// Keys in order.
    case dictionary([(String, TorchValue)])
    /// Numbers of float32 with the last axis running fastest.
    case floats([Float], shape: [Int])
    /// Flags with the last axis running fastest.
    case flags([Bool], shape: [Int])
}

/// Writes files as `torch.save` does; `torch.load(..., weights_only=True)` reads them.
enum TorchWriter {
    /// Writes `value` to `sink`, which is then complete.
    static func write(_ value: TorchValue, to sink: FileSink) throws(Failure) {
        var pickler = Pickler()
        pickler.begin()
        try pickler.write(value)
        pickler.end()
        let zip = ZipWriter(sink)
        // PyTorch reads the program from this place only if it is the first member.
        try zip.add("archive/data.pkl", pickler.bytes, alignment: 64)
        try zip.add("archive/byteorder", Array("little".utf8), alignment: 64)
        for (key, storage) in pickler.storages.enumerated() {
            try zip.add("archive/data/\(key)", storage, alignment: 64)
        }
        try zip.add("archive/version", Array("3\n".utf8), alignment: 64)
        try zip.finish()
    }

    /// Makes the program of protocol 2.
    private struct Pickler {
        var bytes: [UInt8] = []
        var storages: [[UInt8]] = []

        mutating func begin() { bytes += [0x80, 2] }
        mutating func end() { bytes.append(UInt8(ascii: ".")) }

        mutating func write(_ value: TorchValue) throws(Failure) {
            switch value {
            case .bool(let value): bytes.append(value ? 0x88 : 0x89)
            case .integer(let value): write(value)
            case .float(let value):
                bytes.append(UInt8(ascii: "G"))
                bytes += (0..<8).map {
                    UInt8(truncatingIfNeeded: value.bitPattern >> (56 - 8 * $0))
                }
            case .text(let text): write(text)
            case .list(let items):
                bytes += [UInt8(ascii: "]"), UInt8(ascii: "(")]
                for item in items { try write(item) }
                bytes.append(UInt8(ascii: "e"))
            case .dictionary(let items):
                bytes += [UInt8(ascii: "}"), UInt8(ascii: "(")]
                for (key, item) in items {
                    write(key)
                    try write(item)
                }
                bytes.append(UInt8(ascii: "u"))
            case .floats(let values, let shape):
                tensor(.float32, shape, values.withUnsafeBytes(Array.init))
            case .flags(let values, let shape): tensor(.bool, shape, values.map { $0 ? 1 : 0 })
            }
        }

        private mutating func write(_ number: Int) {
            if (0..<256).contains(number) {
                bytes += [UInt8(ascii: "K"), UInt8(number)]
            } else if let number = Int32(exactly: number) {
                bytes.append(UInt8(ascii: "J"))
                little(Int(number), 4)
            } else {
                bytes += [0x8a, 8]
                little(number, 8)
            }
        }

        private mutating func write(_ text: String) {
            let text = Array(text.utf8)
            bytes.append(UInt8(ascii: "X"))
            little(text.count, 4)
            bytes += text
        }

        private mutating func little(_ number: Int, _ width: Int) {
            bytes += (0..<width).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }

        private mutating func name(_ module: String, _ name: String) {
            bytes += Array("c\(module)\n\(name)\n".utf8)
        }

        private mutating func tuple(_ numbers: [Int]) {
            bytes.append(UInt8(ascii: "("))
            for number in numbers { write(number) }
            bytes.append(UInt8(ascii: "t"))
        }

        /// `_rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())`
        private mutating func tensor(_ type: TorchType, _ shape: [Int], _ content: [UInt8]) {
            name("torch._utils", "_rebuild_tensor_v2")
            bytes += [UInt8(ascii: "("), UInt8(ascii: "(")]
            write("storage")
            name("torch", type.rawValue)
            write("\(storages.count)")
            write("cpu")
            write(content.count / type.size)
            bytes += [UInt8(ascii: "t"), UInt8(ascii: "Q")]
            write(0)
            tuple(shape)
            var strides = [Int](repeating: 1, count: shape.count)
            for axis in shape.indices.dropLast().reversed() {
                strides[axis] = strides[axis + 1] * max(shape[axis + 1], 1)
            }
            tuple(strides)
            bytes.append(0x89)
            name("collections", "OrderedDict")
            bytes += [UInt8(ascii: ")"), UInt8(ascii: "R"), UInt8(ascii: "t"), UInt8(ascii: "R")]
            storages.append(content)
        }
    }
}
