import ArgumentParser
import Tasks

extension IOITask.Order: ExpressibleByArgument {}
extension IOITask.Corruption: ExpressibleByArgument {}

/// What is specific to the task `ioi`.
struct IOIOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "ioi: the order of the names (abba, baba or mixed; default: abba).", valueName: "order")
    )
    var order: IOITask.Order?

    @Option(
        help: ArgumentHelp(
            "ioi: abc for three other names, swap for the other name again (default: abc).",
            valueName: "kind"))
    var corruption: IOITask.Corruption?

    @Option(help: "ioi: how many of its \(IOITask.templates.count) templates to use (default: 1).")
    var templates: Int?

    /// Whether any of them was given.
    var isGiven: Bool { order != nil || corruption != nil || templates != nil }

    /// The task with these settings.
    var task: IOITask {
        IOITask(
            order: order ?? .abba, corruption: corruption ?? .threeNames,
            templateCount: templates ?? 1)
    }

    func validate() throws {
        if let templates, !(1...IOITask.templates.count).contains(templates) {
            throw ValidationError(
                "--templates must be from 1 to \(IOITask.templates.count), not \(templates)")
        }
    }
}
