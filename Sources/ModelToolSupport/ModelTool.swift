import Basics
import Engine
package import ToolSupport

/// An executable that runs a model, so that `--version` names OpenBLAS too.
package protocol ModelTool: CircuitTool {}

extension ModelTool {
    package static var libraries: [String] {
        do throws(Failure) {
            try BLAS.load()
            return [storageLibrary, "\(BLAS.version), kernels: \(BLAS.kernel)"]
        } catch {
            return [storageLibrary, error.description]
        }
    }
}
