package import Artifacts
package import Basics

/// Terms that read other positions of the prompt than its end.
///
/// Where attention is causal, what a model says at a position depends on nothing behind it: so a pair
/// becomes a pair for each position that is read, whose prompts end there, and whoever runs circuits
/// reads nothing but ends.
extension LogitMetric {
    /// Whether a term reads another position than the prompt's end.
    package var readsPositions: Bool { terms.contains { $0.position != .end } }

    /// The pairs that the metric reads at the ends of their prompts: of each pair the prompts up to
    /// each position that a term reads, the shortest first, and the whole prompts last, which means
    /// over pairs and positions are taken of.
    /// - Throws: `Failure` (bad data) where a pair has no such position, or where the model's attention
    ///   isn't causal.
    func pairs(of dataset: DatasetArtifact) throws(Failure) -> DatasetArtifact {
        guard dataset.model.isCausal else {
            throw failure(
                "the model's attention sees later positions, so only the prompt's end can be read")
        }
        var (origins, ends): ([Int], [Int]) = ([], [])
        for pair in 0..<dataset.pairCount {
            var read: Set = [dataset.clean.ids[pair].count - 1]
            for term in terms { read.insert(try position(of: term, in: dataset, pair: pair)) }
            for end in read.sorted() {
                origins.append(pair)
                ends.append(end)
            }
        }
        if origins.count == dataset.pairCount { return dataset }
        func cut(_ prompts: Prompts) -> [[Int32]] {
            zip(origins, ends).map { Array(prompts.ids[$0][...$1]) }
        }
        return dataset.spelled(
            from: origins, clean: cut(dataset.clean), corrupted: cut(dataset.corrupted),
            answers: origins.map { dataset.answers[$0] },
            wrongAnswers: origins.map { dataset.wrongAnswers[$0] })
    }

    /// The terms that are read at the end of each pair of a dataset as `pairs(of:)` makes it.
    /// - Throws: `Failure` (internal error) where the dataset isn't cut where the metric reads.
    package func termsAtEnds(of dataset: DatasetArtifact) throws(Failure) -> [[Term]] {
        guard readsPositions else { return Array(repeating: terms, count: dataset.pairCount) }
        var result: [[Term]] = []
        for parts in dataset.spelledAnswers {
            let whole = parts.upperBound - 1
            var ends: [Int] = []
            for term in terms { ends.append(try position(of: term, in: dataset, pair: whole)) }
            var found = 0
            for part in parts {
                let end = dataset.clean.ids[part].count - 1
                let read = zip(terms, ends).filter { $0.1 == end }.map(\.0)
                found += read.count
                result.append(read)
            }
            guard found == terms.count else {
                throw Failure(
                    .internalError,
                    "pairs weren't cut where the metric \(name) reads them; please report it")
            }
        }
        return result
    }

    /// Which position of a pair's prompts a term reads.
    private func position(
        of term: Term, in dataset: DatasetArtifact, pair: Int
    ) throws(Failure) -> Int {
        let length = dataset.clean.ids[pair].count
        switch term.position {
        case .end: return length - 1
        case .index(let index):
            let position = index < 0 ? length + index : index
            guard position >= 0, position < length else {
                throw failure(
                    "it reads position \(index), and pair \(pair) has \(length) tokens")
            }
            return position
        case .named(let name):
            guard let positions = dataset.positions[name] else {
                let names = Set(dataset.positions.keys).union(["end"]).sorted()
                throw failure(
                    "the dataset has no position named '\(name)'; it has "
                        + names.joined(separator: ", "))
            }
            let position = Int(positions[pair])
            guard position >= 0, position < length else {
                throw failure("pair \(pair) has no position '\(name)'")
            }
            return position
        }
    }
}
