import Artifacts

extension Report {
    /// A dataset.
    init(_ artifact: Artifact<DatasetArtifact>, header: ArtifactHeader) {
        self.init(header: header, source: artifact.source)
        add(dataset: artifact.content)
        add(artifact.provenance)
        add(Self.pairs(artifact.content))
    }

    /// An activation cache.
    init(_ cache: ActivationCache, header: ArtifactHeader) {
        self.init(header: header, source: cache.source)
        add(dataset: cache.dataset.content)
        add("precision", cache.description.precision.rawValue)
        let width = cache.description.precision == .float32 ? 4 : 2
        let values = cache.shapes.values.reduce(0) { $0 + $1.reduce(1, *) }
        add(
            "activations",
            "\(cache.shapes.count) hooks, clean and corrupted, "
                + "\(Figures.count(2 * values * width / 1_000_000)) MB uncompressed")
        add("positions", cache.description.positionFilter.joined(separator: ", "))
        add(cache.provenance)
        let rows = cache.shapes.map { name, shape in (Self.order(name), name, shape) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .map { _, name, shape in [name, shape.map(String.init).joined(separator: " x ")] }
        add(
            ReportTable(
                title: "activations, of each run", columns: ["hook", "pair x position x ..."],
                rows: rows))
    }

    /// The layer in a hook's name, so that `blocks.10` comes after `blocks.9`.
    private static func order(_ hook: String) -> Int {
        let parts = hook.split(separator: ".")
        guard parts.count > 1, parts[0] == "blocks" else {
            return hook.hasPrefix("ln_f") ? .max : -1
        }
        return Int(parts[1]) ?? -1
    }

    private mutating func add(dataset: DatasetArtifact) {
        add(dataset.model)
        add("task", dataset.task + (dataset.seed.map { ", seed \($0)" } ?? ""))
        let lengths = dataset.lengths
        if let shortest = lengths.min(), let longest = lengths.max() {
            let range = shortest == longest ? "\(shortest)" : "\(shortest) to \(longest)"
            add(
                "pairs",
                "\(dataset.pairCount), of \(range) tokens"
                    + (dataset.bosAdded ? ", BOS included" : ""))
        }
        let names = dataset.positions.keys.sorted()
        add("named positions", names.joined(separator: ", "))
    }

    private static func pairs(_ dataset: DatasetArtifact) -> ReportTable {
        func prompt(_ prompts: Prompts, _ pair: Int) -> String {
            prompts.texts.map { visible($0[pair]) } ?? ids(prompts.ids[pair])
        }
        return ReportTable(
            title: "pairs", columns: [">", "prompts", "answer ids", "wrong answer ids"],
            rows: (0..<dataset.pairCount).flatMap { pair -> [[String]] in
                let answers = dataset.answers[pair].map(ids).joined(separator: " | ")
                let wrong =
                    pair < dataset.wrongAnswers.count
                    ? dataset.wrongAnswers[pair].map(ids).joined(separator: " | ") : ""
                return [
                    ["\(pair)", "clean      " + prompt(dataset.clean, pair), answers, wrong],
                    ["", "corrupted  " + prompt(dataset.corrupted, pair), "", ""],
                ]
            })
    }

    private static func ids(_ tokens: [Int32]) -> String {
        let shown = tokens.prefix(24).map(String.init).joined(separator: " ")
        return tokens.count > 24 ? shown + " ..." : shown
    }

    /// `text` on one line, without characters that would act on the terminal.
    private static func visible(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "\n" {
                result += "\\n"
            } else if scalar.value < 32 || (127..<160).contains(scalar.value) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
