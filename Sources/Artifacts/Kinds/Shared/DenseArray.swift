/// A dense array in row-major order: the last axis varies fastest.
package struct DenseArray<Element: Hashable & Sendable>: Hashable, Sendable {
    /// The length of each axis.
    package var shape: [Int]
    /// The elements, `shape[0] * shape[1] * ...` of them.
    package var values: [Element]

    /// Makes an array from its elements in row-major order.
    ///
    /// - Precondition: `values.count` is the product of `shape`.
    package init(shape: [Int], values: [Element]) {
        precondition(values.count == shape.reduce(1, *), "as many values as the shape has elements")
        self.shape = shape
        self.values = values
    }

    /// An array of the given shape with the same element everywhere.
    package init(repeating element: Element, shape: [Int]) {
        self.shape = shape
        values = Array(repeating: element, count: shape.reduce(1, *))
    }

    /// The elements at index `index` of the first axis.
    package subscript(row index: Int) -> ArraySlice<Element> {
        let width = shape.dropFirst().reduce(1, *)
        return values[index * width..<(index + 1) * width]
    }
}
