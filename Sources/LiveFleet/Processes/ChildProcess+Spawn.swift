import Foundation

/// A number of the operating system for what went wrong.
struct SystemError: Error, CustomStringConvertible {
    let code: Int32

    var description: String { String(cString: strerror(code)) }
}

extension ChildProcess.Launch {
    /// Starts the process.
    ///
    /// It gets no descriptor of this process besides the three that are named: an inherited one
    /// would keep a connection open that the proxy has closed.
    func spawn() -> Result<pid_t, SystemError> {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o600)
        // What this process ignores or blocks, its children would ignore and block too.
        var defaults = sigset_t()
        var blocked = sigset_t()
        sigemptyset(&defaults)
        sigemptyset(&blocked)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setpgroup(&attributes, group)
        var options = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP
        #if canImport(Darwin)
            options |= POSIX_SPAWN_CLOEXEC_DEFAULT
        #else
            guard let addCloseFrom = Self.addCloseFrom else {
                return .failure(SystemError(code: ENOSYS))
            }
            _ = addCloseFrom(&actions, 3)
        #endif
        posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: options))
        return withVectors { arguments, environment in
            var pid: pid_t = 0
            let code = posix_spawn(&pid, executable, &actions, &attributes, arguments, environment)
            return code == 0 ? .success(pid) : .failure(SystemError(code: code))
        }
    }

    #if !canImport(Darwin)
        private typealias AddCloseFrom =
            @convention(c) (
                UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32
            ) -> Int32

        /// A function of glibc 2.34 and later which its module does not show.
        private static let addCloseFrom: AddCloseFrom? =
            dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
                unsafeBitCast($0, to: AddCloseFrom.self)
            }
    #endif

    private typealias Vector = UnsafePointer<UnsafeMutablePointer<CChar>?>

    private func withVectors<Value>(_ body: (Vector, Vector) -> Value) -> Value {
        let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        return Self.withVector([executable] + arguments) { arguments in
            Self.withVector(merged.map { "\($0)=\($1)" }) { body(arguments, $0) }
        }
    }

    private static func withVector<Value>(_ texts: [String], _ body: (Vector) -> Value) -> Value {
        let copies = texts.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map(body) ?? Self.withVector(texts, body)
        }
    }
}
