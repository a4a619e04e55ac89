/// What the instructions are made of: the stack of values, and the bytes of the program.
extension PickleProgram {
    // MARK: - The stack

    mutating func push(_ node: PickleNode) throws(Problem) {
        guard nodes.count < Self.mostNodes else { throw problem("it has too many values") }
        stack.append(nodes.count)
        nodes.append(node)
    }

    mutating func pop() throws(Problem) -> Int {
        guard stack.count > marks.last ?? 0, let last = stack.popLast() else {
            throw problem("a value is missing")
        }
        return last
    }

    func top() throws(Problem) -> Int {
        guard stack.count > marks.last ?? 0, let last = stack.last else {
            throw problem("a value is missing")
        }
        return last
    }

    mutating func popToMark() throws(Problem) -> [Int] {
        guard let mark = marks.last else { throw problem("a mark is missing") }
        let items = Array(stack[mark...])
        try dropToMark()
        return items
    }

    /// Without a copy of what is dropped: the optimiser of Swift 6 frees a copy that nobody reads before it
    /// is filled.
    mutating func dropToMark() throws(Problem) {
        guard let mark = marks.popLast() else { throw problem("a mark is missing") }
        stack.removeSubrange(mark...)
    }

    mutating func recall(_ key: Int) throws(Problem) {
        guard let index = memo[key] else { throw problem("it recalls what it never noted") }
        stack.append(index)
    }

    mutating func append(_ more: [Int]) throws(Problem) {
        let target = try top()
        guard case .list(var items) = nodes[target] else { throw problem("it appends to no list") }
        nodes[target] = .none
        items += more
        nodes[target] = .list(items)
    }

    mutating func set(_ more: [Int]) throws(Problem) {
        let target = try top()
        guard case .dictionary(var items) = nodes[target] else {
            throw problem("it sets a key of no dictionary")
        }
        nodes[target] = .none
        items += try pairs(more)
        nodes[target] = .dictionary(items)
    }

    func pairs(_ flat: [Int]) throws(Problem) -> [(key: Int, value: Int)] {
        guard flat.count.isMultiple(of: 2) else { throw problem("a key has no value") }
        return stride(from: 0, to: flat.count, by: 2).map { (flat[$0], flat[$0 + 1]) }
    }

    func integers(_ index: Int) -> [Int]? {
        guard case .tuple(let items) = nodes[index] else { return nil }
        let numbers = items.map { item in
            if case .integer(let number) = nodes[item] { number } else { Int?.none }
        }
        return numbers.contains(nil) ? nil : numbers.compactMap(\.self)
    }

    func text(_ index: Int) throws(Problem) -> String {
        guard case .text(let text) = nodes[index] else { throw problem("a name isn't text") }
        return text
    }

    // MARK: - Bytes

    mutating func take(_ count: Int) throws(Problem) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - place else { throw problem("it ends too early") }
        defer { place += count }
        return UnsafeRawBufferPointer(rebasing: bytes[place..<place + count])
    }

    mutating func skip(_ count: Int) throws(Problem) { _ = try take(count) }

    /// A number of up to 8 bytes without sign, the lowest first.
    mutating func number(_ width: Int) throws(Problem) -> Int {
        var value: UInt64 = 0
        for (index, byte) in try take(width).enumerated() { value |= UInt64(byte) << (8 * index) }
        guard let number = Int(exactly: value) else { throw problem("a length is too large") }
        return number
    }

    /// A number of `width` bytes with sign, the lowest first.
    mutating func long(_ width: Int) throws(Problem) -> Int {
        guard width <= 8 else { throw problem("a whole number is too large") }
        var value: UInt64 = 0
        let digits = try take(width)
        for (index, byte) in digits.enumerated() { value |= UInt64(byte) << (8 * index) }
        if let last = digits.last, last >= 0x80, width < 8 { value |= ~0 << (8 * width) }
        return Int(bitPattern: UInt(value))
    }

    mutating func string(_ count: Int) throws(Problem) -> PickleNode {
        guard let text = String(validating: try take(count), as: UTF8.self) else {
            throw problem("a text isn't UTF-8")
        }
        return .text(text)
    }

    mutating func line() throws(Problem) -> String {
        let rest = bytes[place...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
            throw problem("it ends too early")
        }
        let text = String(decoding: bytes[place..<end], as: UTF8.self)
        place = end + 1
        return text
    }
}
