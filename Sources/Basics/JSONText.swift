import FoundationEssentials

/// JSON as all modules write it: on one line, keys sorted, so that equal values are equal text.
package enum JSONText {
    /// `value` as JSON.
    ///
    /// - Throws: ``Failure`` (bad data) where it has a number that JSON can't write.
    package static func line(_ value: some Encodable) throws(Failure) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw Failure(.badData, "it can't be written as JSON: \(error)")
        }
    }
}
