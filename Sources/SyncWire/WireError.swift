package import SyncEngine

/// Bytes that are no message, or a message that cannot become bytes.
///
/// It ends the connection: neither the encoder nor the decoder that threw it can go on, because
/// both ends of a direction remember what went before.
package struct WireError: Error, Sendable {
    /// What to tell the peer: a kind, and one line for people.
    package let refusal: Refusal
    /// Where the frame at fault begins, counted from the first byte that the peer sent; 0 for a
    /// message that cannot become bytes.
    package let offset: Int

    /// Makes an error; a longer text is cut.
    package init(_ code: Refusal.Code, _ text: String, offset: Int = 0) {
        refusal = Refusal(code, text)
        self.offset = offset
    }

    /// Bytes from the peer that a stream cannot inflate.
    package static func cannotInflate(_ text: String) -> WireError { WireError(.malformed, text) }

    /// Bytes from the peer that inflate to more than they may.
    package static func inflatesTooFar(_ text: String) -> WireError { WireError(.tooLarge, text) }

    /// A stream that failed through no fault of the peer.
    package static func streamFailed(_ text: String) -> WireError { WireError(.failed, text) }
}

extension WireError: Equatable {
    /// Compares the codes alone.
    ///
    /// The text may depend on how the bytes were cut on their way, and
    /// says nothing that a program should act upon.
    package static func == (left: WireError, right: WireError) -> Bool {
        left.refusal.code == right.refusal.code
    }
}

extension WireError: CustomStringConvertible {
    /// Code, text and place, for people.
    package var description: String { "\(refusal.code) at \(offset): \(refusal.text)" }
}
