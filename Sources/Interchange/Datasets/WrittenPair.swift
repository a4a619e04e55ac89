import Artifacts
import Basics

/// A pair of a dataset as files of text have it.
struct WrittenPair {
    /// A prompt or an answer: its text, or token ids where there is none.
    enum Content {
        case text(String)
        case ids([Int32])

        /// The text; nil of token ids.
        var text: String? { if case .text(let text) = self { text } else { nil } }
    }

    var clean: Content
    var corrupted: Content
    var answers: [Content]
    var wrongAnswers: [Content]
    /// The answers as token ids.
    var answerIDs: [[Int32]]
    var wrongAnswerIDs: [[Int32]]
    /// Named positions, counted without BOS.
    var positions: [String: Int]

    /// The pairs of a dataset.
    static func pairs(of dataset: DatasetArtifact) -> [WrittenPair] {
        let skipped = dataset.bosAdded ? 1 : 0
        func prompt(_ prompts: Prompts, _ pair: Int) -> Content {
            prompts.texts.map { .text($0[pair]) }
                ?? .ids(Array(prompts.ids[pair].dropFirst(skipped)))
        }
        func contents(_ texts: [[String]]?, _ ids: [[[Int32]]], _ pair: Int) -> [Content] {
            texts.map { $0[pair].map { .text($0) } } ?? ids[pair].map { .ids($0) }
        }
        return (0..<dataset.pairCount).map { pair in
            // The reader adds `end` itself.
            let positions = dataset.positions.filter {
                $0.key != "end" && $0.value[pair] >= skipped
            }
            return WrittenPair(
                clean: prompt(dataset.clean, pair), corrupted: prompt(dataset.corrupted, pair),
                answers: contents(dataset.answerTexts, dataset.answers, pair),
                wrongAnswers: contents(dataset.wrongAnswerTexts, dataset.wrongAnswers, pair),
                answerIDs: dataset.answers[pair], wrongAnswerIDs: dataset.wrongAnswers[pair],
                positions: positions.mapValues { Int($0[pair]) - skipped })
        }
    }

    /// The texts of both prompts.
    /// - Throws: ``Basics/Failure`` (bad data) where the dataset has token ids only.
    func texts(_ format: String) throws(Failure) -> (clean: String, corrupted: String) {
        guard let clean = clean.text, let corrupted = corrupted.text else {
            throw Failure(.badData, "its prompts are token ids, and \(format) holds texts")
        }
        return (clean, corrupted)
    }
}

/// What formats of pairs have in common: they are written here, and read where the tokenizer is.
protocol PairFormat: InterchangeFormat {
    /// The file of these pairs.
    func text(of pairs: [WrittenPair], by job: WritingJob) throws -> String
}

extension PairFormat {
    var reads: [ArtifactKind] { [] }
    var writes: [ArtifactKind] { [.dataset] }
    var reading: String {
        "made a dataset by circuit-pairs --from FILE --model MODEL, since pairs need a tokenizer"
    }

    func write(_ artifact: ArtifactFile, by job: WritingJob) throws {
        let dataset = try artifact.read(DatasetArtifact.self).content
        do {
            let text = try text(of: WrittenPair.pairs(of: dataset), by: job)
            try job.write(text)
        } catch let failure as Failure where failure.kind == .badData {
            throw Failure(.badData, "\(artifact.name): \(failure.description)")
        }
        job.leaveOut(["the model", "task and seed"])
    }
}
