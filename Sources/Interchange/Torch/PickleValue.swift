/// What a pickle program builds, noted and not run.
enum PickleNode {
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case text(String)
    case bytes([UInt8])
    case list([Int])
    case tuple([Int])
    case dictionary([(key: Int, value: Int)])
    /// A class or function, by its name `module.name`.
    case name(String)
    /// A storage of numbers in a file beside the program.
    case storage(type: String, key: String, count: Int)
    case tensor(storage: Int, offset: Int, shape: [Int], strides: [Int])
    /// An instance of a class that the caller knows: its name, arguments and state.
    case record(name: String, arguments: Int, state: Int?)
}

/// A value in a file of Python's pickle language.
///
/// Values are looked at one at a time, and never copied out as a whole: a small file can name one list
/// many times over.
package struct PickleValue: Sendable {
    /// The values of a program, which name each other by number.
    final class Table: Sendable {
        let nodes: [PickleNode]
        init(_ nodes: [PickleNode]) { self.nodes = nodes }
    }

    let table: Table
    let index: Int

    var node: PickleNode { table.nodes[index] }

    private func value(_ index: Int) -> PickleValue { PickleValue(table: table, index: index) }

    /// What it is, for messages: `a list`.
    package var description: String {
        switch node {
        case .none: "None"
        case .bool: "a flag"
        case .integer: "a whole number"
        case .float: "a number"
        case .text: "a text"
        case .bytes: "bytes"
        case .list: "a list"
        case .tuple: "a tuple"
        case .dictionary: "a dictionary"
        case .name(let name): "the name \(name)"
        case .storage, .tensor: "a tensor"
        case .record(let name, _, _): "a \(name)"
        }
    }

    /// Whether it is None.
    package var isNone: Bool { if case .none = node { true } else { false } }

    /// A whole number; nil of other values.
    package var integer: Int? { if case .integer(let value) = node { value } else { nil } }

    /// A flag; nil of other values.
    package var flag: Bool? { if case .bool(let value) = node { value } else { nil } }

    /// A number, whole or not; nil of other values.
    package var number: Double? {
        switch node {
        case .float(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// A text; nil of other values.
    package var text: String? { if case .text(let value) = node { value } else { nil } }

    /// The elements of a list or tuple; nil of other values.
    package var elements: [PickleValue]? {
        switch node {
        case .list(let items), .tuple(let items): items.map(value)
        default: nil
        }
    }

    /// The entries of a dictionary, in order; nil of other values.
    package var items: [(key: PickleValue, value: PickleValue)]? {
        guard case .dictionary(let items) = node else { return nil }
        return items.map { (value($0.key), value($0.value)) }
    }

    /// The entry of a dictionary with this key, the last if there are several; nil where there is none.
    package subscript(key: String) -> PickleValue? {
        guard case .dictionary(let items) = node else { return nil }
        return items.last { value($0.key).text == key }.map { value($0.value) }
    }

    /// The fields of an instance of a class that the caller named; nil of other values.
    package var record: (name: String, arguments: PickleValue, state: PickleValue?)? {
        guard case .record(let name, let arguments, let state) = node else { return nil }
        return (name, value(arguments), state.map(value))
    }
}
