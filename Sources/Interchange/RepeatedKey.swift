/// A key that stands twice in an object of JSON: readers take one of its values and drop the other, each
/// as it likes.
struct RepeatedKey {
    /// The key.
    let name: String

    /// The first repeated key of any object in a text; nil where there is none.
    ///
    /// - Parameter text: valid JSON. Escapes in keys aren't resolved.
    init?(in text: some Collection<UInt8>) {
        // For each object or list that is open, the keys so far; nil of a list.
        var open: [Set<[UInt8]>?] = []
        // Whether a key may come next.
        var isKeyNext = false
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            index = text.index(after: index)
            switch byte {
            case UInt8(ascii: "{"):
                open.append([])
                isKeyNext = true
            case UInt8(ascii: "["): open.append(nil)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
            case UInt8(ascii: ","): isKeyNext = open.last.map { $0 != nil } ?? false
            case UInt8(ascii: "\""):
                let start = index
                while index < text.endIndex, text[index] != UInt8(ascii: "\"") {
                    let isEscape = text[index] == UInt8(ascii: "\\")
                    index = text.index(after: index)
                    if isEscape, index < text.endIndex { index = text.index(after: index) }
                }
                let key = Array(text[start..<index])
                if index < text.endIndex { index = text.index(after: index) }
                guard isKeyNext, let last = open.indices.last, open[last] != nil else { continue }
                isKeyNext = false
                if open[last]?.insert(key).inserted == false {
                    name = String(decoding: key, as: UTF8.self)
                    return
                }
            default: break
            }
        }
        return nil
    }
}
