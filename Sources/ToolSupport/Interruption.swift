import Glibc
import Synchronization

/// What a tool says when Ctrl-C or `kill` ends it: where its work lies, and how to go on. Then the
/// signal ends the process as it would have without a word.
package enum Interruption {
    /// What is said, if anything.
    private static let message = Mutex<(@Sendable () -> String?)?>(nil)
    /// The end of the pipe that the handler writes the signal's number to.
    private nonisolated(unsafe) static var pipeEnd: Int32 = -1

    /// From now on says this, unless it is nil by then, when the process is interrupted (SIGINT) or
    /// ended (SIGTERM). A signal that the parent ignores stays ignored.
    package static func say(_ text: @escaping @Sendable () -> String?) {
        let isFirst = message.withLock { message in
            defer { message = text }
            return message == nil
        }
        if isFirst { listen() }
    }

    /// A handler may do next to nothing: it wakes a thread that prints.
    private static func listen() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        pipeEnd = ends[1]
        let readEnd = ends[0]
        startThread {
            var number: UInt8 = 0
            while read(readEnd, &number, 1) != 1 {
                if errno != EINTR { return }
            }
            if let text = message.withLock({ $0?() }) { Console.warning(text) }
            signal(Int32(number), SIG_DFL)
            kill(getpid(), Int32(number))
        }
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0,
                action.__sigaction_handler.sa_handler == nil
            else { continue }
            action.__sigaction_handler.sa_handler = { number in
                var byte = UInt8(number)
                _ = write(Interruption.pipeEnd, &byte, 1)
            }
            action.sa_flags = SA_RESTART
            sigaction(number, &action, nil)
        }
    }

    private static func startThread(_ body: @escaping @Sendable () -> Void) {
        final class Body {
            let run: @Sendable () -> Void
            init(_ run: @escaping @Sendable () -> Void) { self.run = run }
        }
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Body(body)).toOpaque()
        pthread_create(
            &thread, nil,
            { argument in
                if let argument {
                    Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, argument)
        pthread_detach(thread)
    }
}
