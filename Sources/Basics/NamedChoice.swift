/// One of several things that are chosen by name, such as a metric: on the command line and in files.
package protocol NamedChoice: Sendable {
    /// What sort of thing is chosen, for messages: `metric`.
    static var noun: String { get }
    /// The names there are, as a message offers them: `one of kl, js, l2`.
    static var offer: String { get }
    /// Its name.
    var name: String { get }
    /// The choice of this name; nil if there is none.
    init?(name: String)
    /// The choice of this name, as users write it.
    init(named name: String) throws(Failure)
}

extension NamedChoice {
    /// The choice of this name.
    /// - Throws: `Failure` (usage) that lists the names there are.
    package init(named name: String) throws(Failure) {
        guard let choice = Self(name: name) else {
            throw Self.unknown(name, meant: nil)
        }
        self = choice
    }

    /// What to say of a name that there isn't.
    /// - Parameter meant: the name that was probably meant; nil for none.
    package static func unknown(_ name: String, meant: String?) -> Failure {
        Failure(
            .usage,
            "there is no \(noun) '\(name)'; choose \(offer)"
                + (meant.map { "; did you mean '\($0)'?" } ?? ""))
    }
}

extension NamedChoice where Self: CaseIterable {
    /// The choice of this name.
    /// - Throws: `Failure` (usage) that lists the names there are, and says which one is near.
    package init(named name: String) throws(Failure) {
        guard let choice = Self(name: name) else {
            throw Self.unknown(
                name, meant: Spelling.nearest(to: name, among: Self.allCases.map(\.name)))
        }
        self = choice
    }
}

extension NamedChoice where Self: CaseIterable {
    /// All names, for messages and help texts: `kl, js, l2`.
    package static var listOfNames: String { allCases.map(\.name).joined(separator: ", ") }

    /// All names: `one of kl, js, l2`.
    package static var offer: String { "one of \(listOfNames)" }
}

extension NamedChoice where Self: RawRepresentable, RawValue == String {
    /// The raw value.
    package var name: String { rawValue }

    /// The choice whose raw value is `name`.
    package init?(name: String) { self.init(rawValue: name) }
}
