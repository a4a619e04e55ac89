package import ArgumentParser
import Basics
package import Models
import ToolSupport

/// `--model` of a tool that reads an artifact, which names the model already.
package struct ModelOptions: ParsableArguments {
    /// The model as the user named it; nil means the one the input artifact names.
    @Option(
        help: .model(discussion: "Without it, the model that the input artifact names."),
        completion: .file())
    package var model: String?

    /// Options as the parser fills them.
    package init() {}
}

/// `--model` of a tool that reads no artifact: nothing but this option says which model is meant.
package struct NamedModelOptions: ParsableArguments {
    /// The model as the user named it.
    @Option(help: .model(), completion: .file())
    package var model: String?

    /// Options as the parser fills them.
    package init() {}

    /// Refuses a command line without a model. A tool asks this where it needs one.
    package func requireName() throws {
        if model == nil { throw ValidationError("name the model with --model") }
    }

    /// The model. Its weights aren't read.
    /// - Throws: ``Models/Failure`` where it isn't a model.
    package func source() throws -> ModelSource { try .openForUser(model ?? "") }
}

extension ModelSource {
    /// Opens a model, and says on stderr what its configuration makes questionable.
    static func openForUser(_ nameOrPath: String) throws(Failure) -> ModelSource {
        let source = try ModelSource(nameOrPath)
        for warning in source.warnings { Console.warning(warning) }
        return source
    }
}

extension ArgumentHelp {
    /// The help of `--model`.
    /// - Parameter discussion: what it means that the option isn't given.
    fileprivate static func model(discussion: String = "") -> ArgumentHelp {
        ArgumentHelp(
            "The model: a GGUF file, a Hugging Face folder, or a short name such as smollm2 or gemma3.",
            discussion: discussion, valueName: "path|name")
    }
}
