import CHDF5

/// The version of libhdf5 in use, `1.10.8`: that of the library loaded, not of its headers.
package func libraryVersion() -> String {
    Library.lock()
    defer { Library.unlock() }
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    H5get_libversion(&major, &minor, &release)
    return "\(major).\(minor).\(release)"
}
