import Basics

/// Reads a program in Python's pickle language (protocols 2 to 5) without running it.
///
/// - Note: The instructions are those of Python's `pickletools`; how `torch.save` names storages and
///   tensors is that of `torch/serialization.py` and `torch/_utils.py`.
struct PickleProgram {
    /// What is wrong with a program, and at which byte.
    struct Problem: Error {
        var reason: String
    }

    let bytes: UnsafeRawBufferPointer
    let inert: Set<String>
    var place = 0
    var nodes: [PickleNode] = []
    var stack: [Int] = []
    var marks: [Int] = []
    var memo: [Int: Int] = [:]

    /// A value is noted for almost every byte; more than this many are no file of the field's tools.
    static let mostNodes = 1 << 25
    /// No tensor of PyTorch has more axes.
    private static let mostAxes = 64

    /// Names that tensors are made of, and what stands for them.
    private static let known: Set = [
        "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter",
        "collections.OrderedDict",
    ]

    /// - Parameter inert: classes whose instances are noted as records.
    private init(_ bytes: UnsafeRawBufferPointer, inert: Set<String>) {
        (self.bytes, self.inert) = (bytes, inert)
    }

    /// The value that the program in `bytes` builds.
    static func value(
        of bytes: UnsafeRawBufferPointer, inert: Set<String>
    ) throws(Problem) -> PickleValue {
        var program = PickleProgram(bytes, inert: inert)
        let index = try program.run()
        return PickleValue(table: PickleValue.Table(program.nodes), index: index)
    }

    func problem(_ what: String) -> Problem {
        Problem(reason: "\(what) (byte \(place) of its pickle)")
    }

    // MARK: - Instructions

    private mutating func run() throws(Problem) -> Int {
        while true {
            let code = try number(1)
            switch UInt8(code) {
            case 0x80: try skip(1)  // PROTO
            case 0x95: try skip(8)  // FRAME
            case UInt8(ascii: "."): return try pop()
            case UInt8(ascii: "("): marks.append(stack.count)
            case UInt8(ascii: "0"): _ = try pop()
            case UInt8(ascii: "1"): try dropToMark()
            case UInt8(ascii: "2"):
                let top = try pop()
                stack += [top, top]
            case UInt8(ascii: "q"): memo[try number(1)] = try top()
            case UInt8(ascii: "r"): memo[try number(4)] = try top()
            case 0x94: memo[memo.count] = try top()
            case UInt8(ascii: "h"): try recall(number(1))
            case UInt8(ascii: "j"): try recall(number(4))
            case UInt8(ascii: "c"): try push(name(line() + "." + line()))
            case 0x93:
                let (last, module) = (try text(pop()), try text(pop()))
                try push(name("\(module).\(last)"))
            case UInt8(ascii: "R"): try call()
            case 0x81: try call()  // NEWOBJ
            case UInt8(ascii: "b"): try build()
            case UInt8(ascii: "Q"): try persistent()
            default: try literal(UInt8(code))
            }
        }
    }

    /// An instruction that makes a plain value or fills a container.
    private mutating func literal(_ code: UInt8) throws(Problem) {
        switch code {
        case UInt8(ascii: "N"): try push(.none)
        case 0x88: try push(.bool(true))
        case 0x89: try push(.bool(false))
        case UInt8(ascii: "K"): try push(.integer(number(1)))
        case UInt8(ascii: "M"): try push(.integer(number(2)))
        case UInt8(ascii: "J"):
            try push(.integer(Int(Int32(truncatingIfNeeded: number(4)))))
        case 0x8a: try push(.integer(long(number(1))))
        case UInt8(ascii: "G"):
            var pattern: UInt64 = 0
            for byte in try take(8) { pattern = pattern << 8 | UInt64(byte) }
            try push(.float(Double(bitPattern: pattern)))
        case UInt8(ascii: "X"): try push(string(number(4)))
        case 0x8c: try push(string(number(1)))
        case 0x8d: try push(string(number(8)))
        case UInt8(ascii: "T"): try push(.bytes(Array(take(number(4)))))
        case UInt8(ascii: "U"): try push(.bytes(Array(take(number(1)))))
        case UInt8(ascii: "B"): try push(.bytes(Array(take(number(4)))))
        case UInt8(ascii: "C"): try push(.bytes(Array(take(number(1)))))
        case 0x8e: try push(.bytes(Array(take(number(8)))))
        case UInt8(ascii: "]"): try push(.list([]))
        case UInt8(ascii: "}"): try push(.dictionary([]))
        case UInt8(ascii: ")"): try push(.tuple([]))
        case UInt8(ascii: "l"): try push(.list(popToMark()))
        case UInt8(ascii: "t"): try push(.tuple(popToMark()))
        case 0x85...0x87:
            let count = Int(code) - 0x84
            guard stack.count - (marks.last ?? 0) >= count else {
                throw problem("a value is missing")
            }
            let items = Array(stack.suffix(count))
            stack.removeLast(count)
            try push(.tuple(items))
        case UInt8(ascii: "d"): try push(.dictionary(pairs(popToMark())))
        case UInt8(ascii: "a"):
            let item = try pop()
            try append([item])
        case UInt8(ascii: "e"): try append(popToMark())
        case UInt8(ascii: "s"):
            let (value, key) = (try pop(), try pop())
            try set([key, value])
        case UInt8(ascii: "u"): try set(popToMark())
        default:
            throw problem("the instruction \(code) isn't one of plain values and tensors")
        }
    }

    /// A call of what a name stands for, which isn't made.
    private mutating func call() throws(Problem) {
        let (arguments, callee) = (try pop(), try pop())
        guard case .name(let name) = nodes[callee] else {
            throw problem("it calls what isn't a name")
        }
        if inert.contains(name) {
            return try push(.record(name: name, arguments: arguments, state: nil))
        }
        guard case .tuple(let values) = nodes[arguments] else {
            throw problem("it calls \(name) without arguments")
        }
        switch name {
        case "collections.OrderedDict" where values.isEmpty: try push(.dictionary([]))
        case "torch._utils._rebuild_tensor_v2" where values.count >= 4:
            guard case .storage = nodes[values[0]], case .integer(let offset) = nodes[values[1]],
                let shape = integers(values[2]), let strides = integers(values[3]),
                shape.count == strides.count
            else { throw problem("a tensor isn't described as PyTorch does") }
            // Every tensor has a copy of its own of what the program may name many times.
            guard shape.count <= Self.mostAxes else {
                throw problem("a tensor has \(shape.count) axes")
            }
            try push(.tensor(storage: values[0], offset: offset, shape: shape, strides: strides))
        case "torch._utils._rebuild_parameter" where !values.isEmpty: stack.append(values[0])
        default: throw problem("it calls \(name), which isn't run")
        }
    }

    /// The state of an instance, which is noted; that of an ordered dictionary says nothing.
    private mutating func build() throws(Problem) {
        let (state, object) = (try pop(), try top())
        switch nodes[object] {
        case .record(let name, let arguments, _):
            nodes[object] = .record(name: name, arguments: arguments, state: state)
        case .dictionary: break
        default: throw problem("it sets the fields of what has none")
        }
    }

    /// A storage beside the program: `('storage', torch.FloatStorage, '0', 'cpu', 12)`.
    private mutating func persistent() throws(Problem) {
        let identifier = try pop()
        guard case .tuple(let parts) = nodes[identifier], parts.count == 5,
            case .text("storage") = nodes[parts[0]], case .name(let type) = nodes[parts[1]],
            case .text(let key) = nodes[parts[2]], case .integer(let count) = nodes[parts[4]],
            count >= 0
        else { throw problem("a storage isn't named as PyTorch does") }
        try push(.storage(type: type, key: key, count: count))
    }

    private func name(_ name: String) throws(Problem) -> PickleNode {
        guard Self.known.contains(name) || TorchType(storage: name) != nil || inert.contains(name)
        else {
            throw problem(
                "it names \(name.prefix(120)), and only tensors and plain values are read: nothing "
                    + "in the file is run")
        }
        return .name(name)
    }
}
