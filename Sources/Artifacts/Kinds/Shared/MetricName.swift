/// How artifacts name a metric: by its name alone or, one of a user's own, by its name, a space, and
/// its whole content in JSON, `plural {"better":"high","name":"plural","terms":[...]}`.
package enum MetricName {
    /// What people call the metric: `plural`.
    package static func label(of name: String) -> String {
        content(of: name) == nil ? name : String(name.prefix { $0 != " " })
    }

    /// The content of a user's own metric, in JSON; nil for others.
    package static func content(of name: String) -> String? {
        guard name.hasSuffix("}"), let space = name.firstIndex(of: " ") else { return nil }
        return String(name[space...].dropFirst())
    }
}
