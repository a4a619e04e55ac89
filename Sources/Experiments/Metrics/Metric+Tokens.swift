import Basics
import Models
import Tasks

extension Metric {
    /// The metric with the ids of the tokens that it names in a model's vocabulary: of a user's own
    /// one; others name none.
    /// - Throws: `Failure` (bad data) where a token isn't one of the model's.
    func resolved(for model: Model) throws(Failure) -> Metric {
        guard case .custom(let metric) = self else { return self }
        // One that an artifact holds has its ids and needs no tokenizer; they are held against the
        // vocabulary all the same.
        let tokenizer = metric.isResolved ? nil : try ModelSource(model.path).tokenizer()
        let size = model.configuration.dVocabOut
        let vocabulary = TaskVocabulary(tokenizer: tokenizer, size: size)
        return .custom(try metric.resolved(in: vocabulary))
    }
}
