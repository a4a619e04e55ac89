import Artifacts

extension ModelReference {
    /// Whether attention sees only the positions before it. Artifacts keep of a model no more than its
    /// family, and of all families only programs compiled by tracr look ahead.
    var isCausal: Bool { family != "tracr" }
}
