/// What a misspelt name was probably meant to be.
package enum Spelling {
    /// The name that `word` is most likely meant to be, for a message that asks "did you mean"; nil if
    /// it is near none.
    ///
    /// Near is: the same letters and digits, or at most a third of its characters (at least one, at
    /// most three) inserted, left out, replaced, or exchanged with their neighbour. Of several names
    /// at the same distance it is the first.
    package static func nearest(to word: String, among names: some Sequence<String>) -> String? {
        let letters = plain(word)
        guard !letters.isEmpty else { return nil }
        let most = min(3, max(1, letters.count / 3))
        var best: (name: String, distance: Int)?
        for name in names where name != word {
            let distance = distance(letters, plain(name))
            if distance <= most, distance < best?.distance ?? .max { best = (name, distance) }
        }
        return best?.name
    }

    /// Letters and digits alone, in lower case: `wrongAnswers`, `wrong-answers` and `wrong_answers`
    /// are one name.
    private static func plain(_ word: String) -> [Character] {
        Array(word.lowercased().filter { $0.isLetter || $0.isNumber })
    }

    /// The optimal string alignment distance (Damerau 1964).
    private static func distance(_ first: [Character], _ second: [Character]) -> Int {
        var before: [Int] = []
        var last = Array(0...second.count)
        for (i, one) in first.enumerated() {
            var row = [i + 1]
            for (j, other) in second.enumerated() {
                var cost = min(last[j] + (one == other ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, one == second[j - 1], first[i - 1] == other {
                    cost = min(cost, before[j - 1] + 1)
                }
                row.append(cost)
            }
            (before, last) = (last, row)
        }
        return last[second.count]
    }
}
