/// Fields that were ignored, counted over the records of a file.
struct UnknownFields {
    private var counts: [String: (count: Int, first: String)] = [:]

    /// Counts the fields of the record at `location`.
    mutating func add(_ names: [String], at location: String) {
        for name in names { counts[name, default: (0, location)].count += 1 }
    }

    /// A line a field: `line 1: the field `template` has no meaning and is ignored (in 20 pairs)`.
    var warnings: [String] {
        counts.sorted { $0.key < $1.key }.map { name, seen in
            "\(seen.first): the field `\(name.prefix(80))` has no meaning here and is ignored"
                + (seen.count > 1 ? " (in \(seen.count) pairs)" : "")
        }
    }
}
