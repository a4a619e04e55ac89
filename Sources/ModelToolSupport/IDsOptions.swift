package import ArgumentParser

/// `--ids`: prompts as token ids.
package struct IDsOptions: ParsableArguments {
    /// The prompts, each as numbers separated by commas.
    @Option(
        help: ArgumentHelp(
            "A prompt as token ids: 2,17,93. Can be given several times.", valueName: "ids"))
    package var ids: [String] = []

    /// Options as the parser fills them.
    package init() {}
}
