package import Artifacts
package import Basics

/// The arguments of a recorded step, with other files in place of those that it read and wrote.
package struct ReplayedArguments {
    /// The arguments, without the output.
    package private(set) var all: [String] = []
    /// The file that is standard input; nil for none.
    package private(set) var standardInput: String?

    /// Takes the output out of `recorded`.
    /// - Throws: usage where it can't be told which arguments those of the output are.
    package init(_ recorded: [String]) throws(Failure) {
        var rest = recorded[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                all += [argument] + rest
                return
            }
            if argument == "-o" || argument == "--output" {
                rest = rest.dropFirst()
            } else if argument.hasPrefix("--output=") || argument.hasPrefix("-o=") {
                continue
            } else if argument.hasPrefix("-o") || Self.hidesOutput(argument) {
                throw Failure(
                    .usage, "which of its arguments is the output can't be told from '\(argument)'")
            } else {
                all.append(argument)
            }
        }
    }

    /// Whether short options written as one may have `-o` among them.
    private static func hidesOutput(_ argument: String) -> Bool {
        argument.hasPrefix("-") && !argument.hasPrefix("--") && argument.count > 2
            && argument.dropFirst().allSatisfy(\.isLetter) && argument.contains("o")
    }

    /// Puts `path` in the place of an input; one from a pipe becomes standard input.
    /// - Throws: usage where two inputs came by a pipe.
    package mutating func replace(_ input: ProvenanceStep.Input, by path: String) throws(Failure) {
        let recorded = ReferencedFiles.withoutRun(input.path)
        if recorded == "-", input.path == "-" {
            guard standardInput == nil || standardInput == path else {
                throw Failure(.usage, "two of its inputs came by a pipe")
            }
            standardInput = path
            return
        }
        guard recorded != path else { return }
        for index in all.indices {
            if all[index] == recorded {
                all[index] = path
            } else if all[index] == input.path || all[index].hasPrefix(recorded + "#") {
                all[index] = path + all[index].dropFirst(recorded.count)
            }
        }
    }
}
