package import ArgumentParser
package import Basics
import Synchronization

/// A choice by name that options take as it is: `@Option var metric = Metric.kl`.
///
/// A name that there is no choice of ends the tool with the words of ``Basics/NamedChoice``, which
/// list the names, and not with those of swift-argument-parser. Help texts name the choices
/// themselves; as the default they show an enumeration's raw value, which therefore is its name.
package protocol ChoiceArgument: NamedChoice, ExpressibleByArgument {}

extension ChoiceArgument {
    /// The choice of this name; nil if there is none, which is then reported.
    package init?(argument: String) {
        self.init(reporting: argument)
    }

    fileprivate init?(reporting name: String) {
        do {
            try self.init(named: name)
        } catch {
            RefusedChoice.note(error)
            return nil
        }
    }

    package var defaultValueDescription: String { name }
}

// What swift-argument-parser gives every enumeration of strings is overridden here.
extension ChoiceArgument where Self: CaseIterable, Self: RawRepresentable, RawValue == String {
    /// The choice of this name; nil if there is none, which is then reported.
    package init?(argument: String) {
        self.init(reporting: argument)
    }

    package var defaultValueDescription: String { name }
    package static var allValueStrings: [String] { [] }
    package static var allValueDescriptions: [String: String] { [:] }
    package static var defaultCompletionKind: CompletionKind { .default }
}

/// The choice that parsing ended at: `init?(argument:)` can't say why it refuses a name.
enum RefusedChoice {
    private static let first = Mutex<Failure?>(nil)

    /// Keeps the reason, if it is the first.
    fileprivate static func note(_ failure: Failure) {
        first.withLock { $0 = $0 ?? failure }
    }

    /// Why the parser was told that an option's value is invalid; nil if no choice was refused.
    static var failure: Failure? { first.withLock { $0 } }
}
