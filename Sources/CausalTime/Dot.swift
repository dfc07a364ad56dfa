/// The name of one cell write: the `sequence`-th write of `writer` in one lane, counted from 1.
///
/// Sequences of a writer have no gaps within a lane. No dot ever names two different contents, and
/// a dot is on disk before anyone else sees it.
///
/// Source: P. S. Almeida, C. Baquero et al., "Scalable and Accurate Causality Tracking for
/// Eventually Consistent Stores" (DAIS 2014), where a dot is a pair of node and counter.
public struct Dot: Hashable, Sendable {
    /// Who wrote.
    public let writer: WriterID
    /// Which of the writer's writes in the lane, from 1.
    public let sequence: UInt64

    /// Names a write.
    public init(writer: WriterID, sequence: UInt64) {
        self.writer = writer
        self.sequence = sequence
    }
}

extension Dot: Comparable {
    /// Orders by writer, then by sequence.
    ///
    /// A tie-break only: it says nothing about time.
    public static func < (left: Dot, right: Dot) -> Bool {
        (left.writer, left.sequence) < (right.writer, right.sequence)
    }
}

extension Dot: CustomStringConvertible {
    /// The writer's first eight digits and the sequence, as in `3fa9c011:42`.
    public var description: String { "\(writer.abbreviated):\(sequence)" }
}
