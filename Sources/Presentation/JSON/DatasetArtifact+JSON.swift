import Artifacts

extension DatasetArtifact {
    /// The fields of a pair have the names that they have in JSONL.
    func json(_ selection: ReportSelection) -> JSONObject {
        var json = JSONObject()
        json.set("model", model.json)
        json.set("task", task)
        json.set("seed", seed)
        json.set("bos_added", bosAdded)
        json.set("pairs", (0..<pairCount).map(pair))
        if !tokenTexts.isEmpty {
            json.set(
                "tokens",
                Dictionary(uniqueKeysWithValues: tokenTexts.map { (String($0.key), $0.value) }))
        }
        return json
    }

    private func pair(_ index: Int) -> JSONObject {
        var json = JSONObject()
        json.set("clean", clean.texts?[index])
        json.set("corrupted", corrupted.texts?[index])
        json.set("clean_ids", clean.ids[index])
        json.set("corrupted_ids", corrupted.ids[index])
        json.set("answers", answerTexts?[index])
        json.set("wrong_answers", wrongAnswerTexts?[index])
        json.set("answer_ids", answers[index])
        json.set("wrong_answer_ids", index < wrongAnswers.count ? wrongAnswers[index] : [])
        json.set("positions", positions.mapValues { $0[index] }.filter { $0.value >= 0 })
        return json
    }
}
