// Draws for datasets. Seed and order of calls decide every one, on every machine and in every
// version: nothing here uses the standard library's `random(in:)` or `shuffle()`, whose algorithms
// may change.
extension SplitMix64 {
    /// A number from 0 to `bound` - 1, each as likely; `bound` is above 0.
    ///
    /// The high half of the product of 64 random bits with `bound`, drawn again where the low half
    /// would favour some numbers (Lemire 2019).
    package mutating func number(below bound: Int) -> Int {
        let bound = UInt64(max(bound, 1))
        var product = next().multipliedFullWidth(by: bound)
        while product.low < (0 &- bound) % bound {
            product = next().multipliedFullWidth(by: bound)
        }
        return Int(product.high)
    }

    /// One of `elements`, which aren't empty.
    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[number(below: elements.count)]
    }

    /// `count` different ones of `elements`, of which there are as many, in random order: the
    /// first steps of a Fisher-Yates shuffle.
    package mutating func pick<Element>(_ count: Int, of elements: [Element]) -> [Element] {
        var elements = elements
        for index in 0..<count {
            elements.swapAt(index, index + number(below: elements.count - index))
        }
        return Array(elements.prefix(count))
    }
}
