package import Artifacts
package import Basics

/// Positions chosen in every pair, as a person writes them: `end,IO,0:5`.
///
/// A term is a named position of the dataset, `end` (the last), a number (`-1` is the last), or a
/// range `first:end` as in Python, either side left out or negative. Terms stand side by side in the
/// order given: the column of `IO` is `IO` in every pair.
package struct PositionSelection: Hashable, Sendable {
    /// One of the terms.
    package enum Term: Hashable, Sendable {
        /// A named position.
        case named(String)
        /// One position, counted from the end where negative.
        case index(Int)
        /// Positions from the first up to, not including, the second; nil is the prompt's own end.
        case range(Int?, Int?)
    }

    /// The terms; none means every position.
    package let terms: [Term]
    /// The terms as they were given.
    package let texts: [String]

    /// Every position.
    package static let all = PositionSelection(terms: [], texts: [])

    private init(terms: [Term], texts: [String]) {
        self.terms = terms
        self.texts = texts
    }

    /// Reads terms separated by commas.
    ///
    /// - Throws: `Failure` (usage) for a range that isn't one.
    package init(_ text: String) throws(Failure) {
        texts = text.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
        var terms: [Term] = []
        for text in texts {
            let ends = text.split(separator: ":", omittingEmptySubsequences: false)
            if let index = Int32(text) {
                terms.append(.index(Int(index)))
            } else if ends.count == 2, let first = Self.end(ends[0]), let last = Self.end(ends[1]) {
                terms.append(.range(first.value, last.value))
            } else if ends.count == 1, !text.isEmpty {
                terms.append(.named(text))
            } else {
                throw Failure(
                    .usage, "'\(text)' isn't a position; write end, IO, 3, -2 or 0:5")
            }
        }
        self.terms = terms
    }

    /// One side of a range: a number, or nothing.
    private static func end(_ text: Substring) -> (value: Int?, Void)? {
        if text.isEmpty { return (nil, ()) }
        return Int32(text).map { (Int($0), ()) }
    }

    /// The positions that every term has in a dataset, `[pair, position]`; -1 where a pair has none.
    ///
    /// - Throws: `Failure` (usage) for a name that the dataset doesn't know, and for a choice
    ///   that no pair has.
    package func positions(in dataset: DatasetArtifact) throws(Failure) -> DenseArray<Int32> {
        let lengths = dataset.lengths
        if terms.isEmpty { return ActivationCacheDescription.allPositions(lengths: lengths) }
        var columns: [Column] = []
        for term in terms { columns += try Self.columns(of: term, in: dataset) }
        columns.removeAll { $0.values.allSatisfy { $0 < 0 } }
        guard !columns.isEmpty else {
            throw Failure(
                .usage,
                "no pair has a position among '\(texts.joined(separator: ","))'; the longest "
                    + "prompt has \(lengths.max() ?? 0) tokens")
        }
        return DenseArray(
            shape: [lengths.count, columns.count],
            values: lengths.indices.flatMap { pair in columns.map { $0.values[pair] } })
    }

    /// The columns with the label of each, as `positions(in:)` has them.
    package func labels(in dataset: DatasetArtifact) throws(Failure) -> [String] {
        if terms.isEmpty { return (0..<(dataset.lengths.max() ?? 0)).map(String.init) }
        var columns: [Column] = []
        for term in terms { columns += try Self.columns(of: term, in: dataset) }
        return columns.filter { $0.values.contains { $0 >= 0 } }.map(\.label)
    }

    private struct Column {
        var label: String
        var values: [Int32]
    }

    private static func columns(
        of term: Term, in dataset: DatasetArtifact
    ) throws(Failure) -> [Column] {
        let lengths = dataset.lengths
        switch term {
        case .named(let name):
            if let values = dataset.positions[name] { return [Column(label: name, values: values)] }
            if name == "end" { return [Column(label: name, values: lengths.map { Int32($0) - 1 })] }
            let names = Set(dataset.positions.keys).union(["end"]).sorted()
            throw Failure(
                .usage,
                "the dataset has no position named '\(name)'; it has \(names.joined(separator: ", "))"
            )
        case .index(let index):
            let values = lengths.map { length in
                let position = index < 0 ? length + index : index
                return position >= 0 && position < length ? Int32(position) : -1
            }
            return [Column(label: "\(index)", values: values)]
        case .range(let first, let last):
            let ranges = lengths.map { length in
                let first = bounded(first ?? 0, length)
                return first..<max(first, bounded(last ?? length, length))
            }
            // Counted from the end, the columns line up at the end.
            let fromEnd = (first ?? 0) < 0
            let width = ranges.map(\.count).max() ?? 0
            return (0..<width).map { column in
                let values = ranges.map { range in
                    let index = fromEnd ? range.count - width + column : column
                    return index >= 0 && index < range.count ? Int32(range.lowerBound + index) : -1
                }
                let start = first ?? 0
                return Column(label: "\(start + column)", values: values)
            }
        }
    }

    private static func bounded(_ index: Int, _ length: Int) -> Int {
        min(length, max(0, index < 0 ? length + index : index))
    }
}
