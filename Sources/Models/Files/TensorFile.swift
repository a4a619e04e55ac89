package import Basics

/// A file of tensors by name, whichever its format.
package protocol TensorFile: Sendable {
    /// Its tensors, numbers not yet read.
    var catalog: TensorCatalog { get }
}

extension TensorFile {
    /// The names of the tensors, in order.
    package var names: [String] { catalog.tensors.keys.sorted() }

    /// One tensor's type as the format writes it, and its shape; nil where there is none of that name.
    package func header(of name: String) -> (type: String, shape: [Int])? {
        catalog[name].map { ($0.typeName, $0.shape) }
    }

    /// One tensor's values in float32, in the order of the file, with its shape.
    /// - Parameter requiringFinite: whether infinities are an error.
    /// - Throws: ``Basics/Failure`` (bad data) where there is no such tensor, its type can't be read, or
    ///   a value isn't finite.
    package func values(
        of name: String, requiringFinite: Bool = true
    ) throws(Failure) -> (values: [Float], shape: [Int]) {
        let tensor = try catalog.tensor(name, shape: catalog[name]?.shape ?? [])
        return (try catalog.floats(of: tensor, requiringFinite: requiringFinite), tensor.shape)
    }
}
