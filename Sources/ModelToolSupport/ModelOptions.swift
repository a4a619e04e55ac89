package import ArgumentParser

/// `--model`: the model a tool works on.
package struct ModelOptions: ParsableArguments {
    /// The model as the user named it; nil means the one the input artifact names.
    @Option(
        help: ArgumentHelp(
            "The model: a GGUF file, a Hugging Face folder, or a short name such as smollm2.",
            discussion: "Without it, the model that the input artifact names.",
            valueName: "path|name"),
        completion: .file())
    package var model: String?

    /// Options as the parser fills them.
    package init() {}
}
