package import Basics

/// A behaviour that pairs of prompts can be drawn for, in the tokens of any model.
package protocol PairTask: Sendable {
    /// What it is called on the command line, such as `ioi`.
    var name: String { get }
    /// What the behaviour is, in a line.
    var summary: String { get }
    /// Whether all prompts of a dataset have the same length.
    var hasEqualLengths: Bool { get }

    /// A function that draws pairs in the tokens of `vocabulary`.
    ///
    /// What it draws need not fit: ``PairTokenizer`` judges every pair, and one that doesn't fit
    /// is drawn again.
    ///
    /// - Throws: `Failure` where the vocabulary doesn't have the words for it.
    func pairs(
        in vocabulary: TaskVocabulary
    ) throws(Failure) -> (inout SplitMix64) -> PromptPair
}

/// The tasks that come with the toolkit.
package enum PairTasks {
    /// Every task, with its default settings.
    package static let all: [any PairTask] = [
        IOITask(), GreaterThanTask(), GenderedPronounTask(), InductionTask(),
        CountryCapitalTask(), HypernymyTask(), SubjectVerbTask(), ColoredObjectsTask(),
        DocstringTask(), PersonLanguageTask(), AdditionTask(), MultipleChoiceTask(),
    ]

    /// The task called `name`, with its default settings.
    package static func named(_ name: String) throws(Failure) -> any PairTask {
        guard let task = all.first(where: { $0.name == name }) else {
            let names = all.map(\.name).joined(separator: ", ")
            throw Failure(.usage, "there is no task `\(name)`; the tasks are \(names)")
        }
        return task
    }
}

extension PairTask {
    /// Draws `count` different pairs.
    ///
    /// The first pairs of a larger dataset with the same seed are those of the smaller one.
    ///
    /// - Throws: `Failure` where the vocabulary doesn't have the words for it, or not
    ///   enough for `count` different pairs.
    package func draw(
        _ count: Int, seed: UInt64, with tokenizer: PairTokenizer
    ) throws(Failure) -> [TokenizedPair] {
        let drawPair = try pairs(in: tokenizer.vocabulary)
        var random = SplitMix64(seed: seed)
        var drawn: [TokenizedPair] = []
        var seen: Set<[Int32]> = []
        var reason = "the draws repeat each other"
        var misses = 0
        while drawn.count < count {
            let pair: TokenizedPair
            do {
                pair = try tokenizer.tokenize(drawPair(&random))
            } catch {
                misses += 1
                reason = error.description
                if misses > 1000 + 10 * count { throw shortage(drawn.count, count, reason) }
                continue
            }
            let hasLength =
                !hasEqualLengths || pair.clean.count == drawn.first?.clean.count ?? pair.clean.count
            if hasLength, seen.insert(pair.clean).inserted {
                drawn.append(pair)
                continue
            }
            misses += 1
            if misses > 1000 + 10 * count { throw shortage(drawn.count, count, reason) }
        }
        return drawn
    }

    private func shortage(_ found: Int, _ count: Int, _ reason: String) -> Failure {
        Failure(
            .badData,
            "task \(name) found only \(found) of \(count) different pairs for this model's "
                + "tokenizer: \(reason); ask for fewer")
    }
}
