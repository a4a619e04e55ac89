/// The name of a parameter of methods, which is that of the option it is given by. A name means the
/// same whatever the method. Methods declare those that they take beside them.
package struct ParameterName<Value: Sendable>: Hashable, Sendable {
    /// The option without its dashes.
    package let text: String

    /// A name for values of a type.
    package init(_ text: String) { self.text = text }
}

/// A stored property of a method that can be given by name.
package struct MethodParameter<Method>: Sendable {
    /// The option without its dashes.
    let name: String
    let property: PartialKeyPath<Method> & Sendable

    /// A parameter with a default.
    package init<Value>(
        _ name: ParameterName<Value>, _ property: WritableKeyPath<Method, Value> & Sendable
    ) {
        self.name = name.text
        self.property = property
    }

    /// A parameter that may be missing.
    package init<Value>(
        _ name: ParameterName<Value>, _ property: WritableKeyPath<Method, Value?> & Sendable
    ) {
        self.name = name.text
        self.property = property
    }
}

extension ParameterName<UInt64> {
    /// Where random numbers start. The methods that take it are those that draw some.
    package static var seed: Self { Self("seed") }
}

extension ScoringMethod {
    /// The names of its parameters.
    package static var parameterNames: [String] { parameters.map(\.name) }

    /// Sets a parameter; a method that doesn't take it stays as it is.
    /// - Parameter value: nil leaves the default.
    package mutating func set<Value>(_ name: ParameterName<Value>, to value: Value?) {
        guard let value, let property = Self.property(name.text) else { return }
        switch property {
        case let property as WritableKeyPath<Self, Value>: self[keyPath: property] = value
        case let property as WritableKeyPath<Self, Value?>: self[keyPath: property] = value
        default: preconditionFailure("\(Self.name) takes --\(name.text) as another type")
        }
    }

    /// The value of a parameter; nil where it has none, or the method doesn't take it.
    package func value<Value>(of name: ParameterName<Value>) -> Value? {
        switch Self.property(name.text) {
        case let property as KeyPath<Self, Value>: self[keyPath: property]
        case let property as KeyPath<Self, Value?>: self[keyPath: property]
        default: nil
        }
    }

    private static func property(_ name: String) -> PartialKeyPath<Self>? {
        parameters.first { $0.name == name }?.property
    }
}
