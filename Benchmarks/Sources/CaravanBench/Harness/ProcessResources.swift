import Foundation
import PlainSQLite

/// What the process holds of the machine, and may hold.
enum ProcessResources {
    /// How much of the process is in memory, in bytes; nothing where the system does not tell.
    static func residentBytes() throws -> Double? {
        #if os(Linux)
            let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
            let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) }
            return pages.map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) }
        #else
            return nil
        #endif
    }

    /// Gives back what was freed, so that it cannot hide what is allocated next.
    static func releaseFreedMemory() { plain_release_memory() }

    /// Lets the process open at least `count` files, if the system allows it.
    static func raiseFileLimit(to count: Int) throws {
        var limit = rlimit()
        #if os(Linux)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { throw POSIXError(.EINVAL) }
        guard limit.rlim_cur < rlim_t(count) else { return }
        limit.rlim_cur = rlim_t(count)
        // Only a privileged process may raise the upper bound too.
        if limit.rlim_max < limit.rlim_cur { limit.rlim_max = limit.rlim_cur }
        guard setrlimit(resource, &limit) == 0 else {
            throw PlainTable.Failure(
                description: "\(count) files at once are not allowed here; raise `ulimit -n`")
        }
    }
}
