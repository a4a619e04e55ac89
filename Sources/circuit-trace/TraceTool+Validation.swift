import ArgumentParser
import Artifacts
import ModelToolSupport
import ToolSupport

/// What the command line has to say, and what it can't say together.
extension TraceTool {
    func validate() throws {
        if transcoders.transcoders == nil {
            throw ValidationError("name the transcoders' folder with --transcoders")
        }
        for (name, value) in [
            ("max-features", maxFeatures ?? 1), ("batch-size", batchSize),
            ("update-interval", updateInterval), ("verify", verify ?? 1),
        ] where value < 1 {
            throw ValidationError("--\(name) must be at least 1, not \(value)")
        }
        for (name, value) in [("batch-size", batchSize), ("update-interval", updateInterval)]
        where value > 1_000_000 {
            throw ValidationError("--\(name) must be at most 1000000, not \(value)")
        }
        if maxFeatures == nil {
            try GivenOptions.ofThisRun.refuse(
                ["batch-size", "update-interval"],
                because: "only --max-features takes features in steps")
        }
        for (name, value) in [
            ("node-threshold", nodeThreshold), ("edge-threshold", edgeThreshold),
        ] where !(0...1).contains(value) {
            throw ValidationError("--\(name) must be from 0 to 1, not \(value)")
        }
        if verify != nil, output.output == "-" {
            throw ValidationError(
                "--verify prints on standard output: give the artifact a file by -o")
        }
        if pair.isEmpty {
            if corrupted || both {
                throw ValidationError("--corrupted and --both go with --pair and a dataset")
            }
            if prompts.isEmpty, ids.ids.isEmpty {
                throw ValidationError("give a prompt: a text, --ids, or a dataset with --pair")
            }
            if let dataset = prompts.first(where: { $0 != "-" && (try? ArtifactFile($0)) != nil }) {
                throw ValidationError(
                    "\(dataset) is a file, and prompts are texts: name its pairs with --pair, such as "
                        + "--pair 0 or --pair all")
            }
            if model.model == nil { throw ValidationError("name the model with --model") }
        } else {
            if prompts.count != 1 || !ids.ids.isEmpty {
                throw ValidationError("--pair takes one dataset, and no --ids")
            }
            for value in pair where value != "all" {
                _ = try NumberList(value, option: "--pair", noun: "pair")
            }
            if corrupted, both {
                throw ValidationError("--corrupted and --both can't both be given")
            }
            try GivenOptions.ofThisRun.refuse(
                ["bos", "no-bos"], because: "a dataset holds token ids")
        }
    }
}
