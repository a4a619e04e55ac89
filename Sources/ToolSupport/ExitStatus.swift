/// The exit statuses of the toolkit, those of `sysexits.h` that it uses and diff's 1.
package struct ExitStatus: RawRepresentable, Hashable, Sendable {
    /// The number the shell sees.
    package var rawValue: Int32

    /// The status with the number `rawValue`.
    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// 0: done.
    package static let success = ExitStatus(rawValue: 0)
    /// 1: the answer is no: `circuit-diff` found differences, `circuit-check` found defects.
    package static let no = ExitStatus(rawValue: 1)
    /// 64, `EX_USAGE`: the command line asks for something that can't be.
    package static let usage = ExitStatus(rawValue: 64)
    /// 65, `EX_DATAERR`: an input file or its content is not what it must be.
    package static let badData = ExitStatus(rawValue: 65)
    /// 66, `EX_NOINPUT`: an input file doesn't exist or can't be read.
    package static let missingInput = ExitStatus(rawValue: 66)
    /// 70, `EX_SOFTWARE`: the tool itself is wrong.
    package static let internalError = ExitStatus(rawValue: 70)
    /// 74, `EX_IOERR`: reading or writing failed on the way.
    package static let io = ExitStatus(rawValue: 74)
}
