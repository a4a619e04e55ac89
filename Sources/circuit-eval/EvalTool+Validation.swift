import ArgumentParser
import Artifacts
import Graphs
import ToolSupport

/// What the command line has to say, and what it can't say together.
extension EvalTool {
    func validate() throws {
        if !(0...10_000).contains(completeness) || !(0...10_000).contains(random) {
            throw ValidationError("--completeness and --random must be from 0 to 10000")
        }
        // One sample has no spread.
        if !(0...1_000_000).contains(bootstrap) || bootstrap == 1 {
            throw ValidationError("--bootstrap must be 0, or from 2 to 1000000, not \(bootstrap)")
        }
        if !(confidence > 0 && confidence < 1) {
            throw ValidationError("--confidence must be between 0 and 1, not \(confidence)")
        }
        if (inputs + [pairs, truth]).count(where: {
            $0.map { ArtifactName($0).isStandardInput } ?? false
        }) > 1 {
            throw ValidationError("only one of the files can come from standard input")
        }
        let given = GivenOptions.ofThisRun
        if stability {
            try given.requireOnly(
                [
                    "stability", "best", "absolute", "bootstrap", "confidence", "seed", "json",
                    "top",
                ],
                because: "--stability runs no circuit")
        } else {
            try given.refuse(["best"], because: "it goes with --stability")
            if inputs.count == 1 {
                try given.refuse(
                    ["absolute"],
                    because: "scores of one file are judged both ways, signed and absolute")
            }
            if pairs == nil {
                try given.requireOnly(
                    ["truth", "bootstrap", "confidence", "seed", "json", "top"],
                    because: "nothing is run without pairs, which --pairs gives")
            }
        }
        if let best, best < 1 { throw ValidationError("--best must be at least 1, not \(best)") }
        if inputs.isEmpty { throw ValidationError("name a circuit or scores to judge") }
        if completeness == 0 {
            try given.refuse(["knockout"], because: "nothing is knocked out without --completeness")
        }
        if bootstrap == 0 {
            try given.refuse(["confidence"], because: "--bootstrap 0 makes no intervals")
        }
        if json.json && output == "-" {
            throw ValidationError("--json can't be given with --output -")
        }
        _ = try shares
    }

    /// Says which circuits or scores were given before: each counts as often as it was given.
    func warnOfRepeats(among subjects: [Subject]) {
        var seen: Set<String> = []
        var repeats: [String] = []
        for subject in subjects {
            let parts = subject.circuits.map { (name: $0.name, run: $0.run) }
            for (name, run) in parts.isEmpty ? [(subject.name, nil)] : parts
            where !seen.insert("\(subject.reference.digest)#\(run ?? 0)").inserted {
                repeats.append(name)
            }
        }
        guard let last = repeats.last else { return }
        Console.warning(
            repeats.count == 1
                ? "\(last) was given before, under this name or another: it counts twice"
                : "\(repeats.dropLast().joined(separator: ", ")) and \(last) were given before, under "
                    + "these names or others: each counts twice")
    }
}
