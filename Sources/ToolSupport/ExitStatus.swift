/// The exit statuses of the toolkit, those of `sysexits.h` that it uses and diff's 1.
public struct ExitStatus: RawRepresentable, Hashable, Sendable {
    /// The number the shell sees.
    public var rawValue: Int32

    /// The status with the number `rawValue`.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// 0: done.
    public static let success = ExitStatus(rawValue: 0)
    /// 1: the answer is no: `circuit-diff` found differences, `circuit-check` found defects.
    public static let no = ExitStatus(rawValue: 1)
    /// 64, `EX_USAGE`: the command line asks for something that can't be.
    public static let usage = ExitStatus(rawValue: 64)
    /// 65, `EX_DATAERR`: an input file or its content is not what it must be.
    public static let badData = ExitStatus(rawValue: 65)
    /// 66, `EX_NOINPUT`: an input file doesn't exist or can't be read.
    public static let missingInput = ExitStatus(rawValue: 66)
    /// 70, `EX_SOFTWARE`: the tool itself is wrong.
    public static let internalError = ExitStatus(rawValue: 70)
    /// 74, `EX_IOERR`: reading or writing failed on the way.
    public static let io = ExitStatus(rawValue: 74)
}
