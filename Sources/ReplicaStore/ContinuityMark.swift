/// Proof that a replica's storage continues where this device left it.
///
/// It is kept outside the database, where neither a reboot nor a backup preserves it. A replica
/// whose mark agrees goes on as the same writer; without proof it becomes a new writer with its
/// next write, so that a restored, rewound or copied file can never name two writes with one dot.
package protocol ContinuityMark: Sendable {
    /// What was marked last; nothing if there is no mark or it is of an earlier boot.
    func read() -> MarkContent?

    /// Marks, before the transaction that makes it true commits: a mark that is ahead of the
    /// database costs a new writer, one that is behind could let a dot be used twice.
    func write(_ content: MarkContent) throws
}

/// What a continuity mark says.
package struct MarkContent: Hashable, Sendable {
    /// The nonce of the current writer.
    package let nonce: UInt64
    /// How many writes have been made under it, in all lanes.
    package let written: UInt64

    package init(nonce: UInt64, written: UInt64) {
        self.nonce = nonce
        self.written = written
    }
}

/// Never proves anything: every opening that writes is a new writer.
package struct NoMark: ContinuityMark {
    package init() {}
    package func read() -> MarkContent? { nil }
    package func write(_ content: MarkContent) throws {}
}
