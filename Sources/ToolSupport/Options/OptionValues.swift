package import ArgumentParser

extension ParsableArguments {
    /// The value of every option, flag and argument, those of option groups included, whether it was
    /// given or left at its default: `metric=kl`, in the order of their declarations.
    ///
    /// It looks at the properties as they are, so that an option that is added later is in it too.
    /// - Parameter names: the properties that are left out; those of groups aren't, whatever their
    ///   names.
    package func optionValues(except names: Set<String> = []) -> [String] {
        Mirror(reflecting: self).children.flatMap { child -> [String] in
            // A property wrapper is stored under the property's name with an underscore before it.
            let label = child.label ?? ""
            let name = label.hasPrefix("_") ? String(label.dropFirst()) : label
            if names.contains(name) { return [] }
            let value = (child.value as? any ParsedProperty)?.parsedValue ?? child.value
            if let group = value as? any ParsableArguments { return group.optionValues() }
            return ["\(name)=\(value)"]
        }
    }
}

/// A property that swift-argument-parser fills.
private protocol ParsedProperty {
    var parsedValue: Any { get }
}

extension Option: ParsedProperty {
    fileprivate var parsedValue: Any { wrappedValue }
}

extension Flag: ParsedProperty {
    fileprivate var parsedValue: Any { wrappedValue }
}

extension Argument: ParsedProperty {
    fileprivate var parsedValue: Any { wrappedValue }
}

extension OptionGroup: ParsedProperty {
    fileprivate var parsedValue: Any { wrappedValue }
}
