import ArgumentParser
import Basics
import FoundationEssentials

/// The first option of a command line that the tool doesn't have.
///
/// swift-argument-parser judges the values of options, and `validate()` what goes together, before it
/// says that an option is unknown; a misspelt one then ends in a complaint about what is missing. So
/// where a command line is refused, this is looked for first. What the tool has is taken from the
/// description that swift-argument-parser makes of it.
struct UnknownOption {
    /// As it was written, without its value: `--treshold`.
    let name: String
    /// The option that it is probably meant to be.
    let nearest: String?

    /// What to say: `unknown option --treshold; did you mean --threshold?`
    var message: String {
        "unknown option \(name)" + (nearest.map { "; did you mean \($0)?" } ?? "")
    }

    /// The first unknown option among `arguments`; nil if all are known.
    init?(in arguments: [String], of tool: any ParsableCommand.Type) {
        guard let options = KnownOptions(tool) else { return nil }
        var rest = arguments[...]
        while let argument = rest.popFirst(), argument != "--" {
            guard argument.hasPrefix("-"), argument != "-", Double(argument) == nil else {
                continue
            }
            let name = String(argument.prefix { $0 != "=" })
            if name.hasPrefix("--") {
                guard let takesValue = options.takesValue[name] else {
                    self.name = name
                    nearest = Spelling.nearest(to: name, among: options.takesValue.keys.sorted())
                    return
                }
                if takesValue, name == argument { _ = rest.popFirst() }
                continue
            }
            // Letters of flags may stand together, and a value follow the last.
            for letter in name.dropFirst() {
                guard let takesValue = options.takesValue["-\(letter)"] else {
                    self.name = "-\(letter)"
                    nearest =
                        name.count > 2
                        ? options.takesValue.keys.contains("-" + name) ? "-" + name : nil : nil
                    return
                }
                if takesValue {
                    if name == argument, name.last == letter { _ = rest.popFirst() }
                    break
                }
            }
        }
        return nil
    }
}

/// The options of a tool, by the names they are written with.
private struct KnownOptions {
    /// For each name, `--threshold` or `-t`, whether a value follows it.
    var takesValue = ["--help": false, "-h": false, "--version": false]

    /// Those of a tool; nil where its description can't be read.
    init?(_ tool: any ParsableCommand.Type) {
        struct Description: Decodable {
            struct Command: Decodable { var arguments: [Argument]? }
            struct Argument: Decodable {
                struct Name: Decodable { var kind, name: String }
                var kind: String
                var names: [Name]?
            }
            var command: Command
        }
        let text = Data(tool._dumpHelp().utf8)
        guard let command = try? JSONDecoder().decode(Description.self, from: text).command else {
            return nil
        }
        for argument in command.arguments ?? [] {
            for name in argument.names ?? [] {
                takesValue[(name.kind == "long" ? "--" : "-") + name.name] =
                    argument.kind == "option"
            }
        }
        takesValue["--generate-completion-script"] = true
    }
}
