import SyncTransport
import Testing

@Suite("Addresses")
struct SyncAddressTests {
    @Test(
        "Addresses of this machine are accepted",
        arguments: [
            ("127.0.0.1:7420", "127.0.0.1:7420"), ("localhost:0", "127.0.0.1:0"),
            ("[::1]:7420", "[::1]:7420"), ("127.8.9.10:65535", "127.8.9.10:65535"),
        ])
    func accepted(text: String, printed: String) throws {
        #expect(try SyncAddress(parsing: text).description == printed)
    }

    @Test(
        "All other machines are refused, with the reason",
        arguments: [
            "0.0.0.0:7420", "192.168.1.10:7420", "[::]:7420", "[fe80::1]:7420", "example.com:7420",
            "128.0.0.1:1", "127.0.0.1.example.com:1", "[::ffff:192.168.1.1]:1", "127.1:1",
        ])
    func elsewhere(text: String) {
        let error = #expect(throws: SyncError.self) { try SyncAddress(parsing: text) }
        #expect(error?.code == .notLoopback)
        #expect(error?.message.contains("not authenticated yet") == true)
    }

    @Test(
        "What is no address is refused",
        arguments: [
            "", "7420", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
            "127.0.0.1:-1", "127.0.0.1:+1", "::1:7420", ":7420", "[::1]",
        ])
    func mistakes(text: String) {
        let error = #expect(throws: SyncError.self) { try SyncAddress(parsing: text) }
        #expect(error?.code == .invalidAddress)
    }

    @Test("A message is one line, whatever a peer wrote into it")
    func messagesAreOneLine() {
        #expect(
            SyncError(.refusedByPeer, "a\nb\u{1b}[2J\u{202e}c").message
                == #"a\u{a}b\u{1b}[2J\u{202e}c"#)
    }
}
