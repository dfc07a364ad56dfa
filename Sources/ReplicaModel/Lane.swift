/// A part of the state that is replicated whole or not at all, under a version vector of its own.
///
/// A lower number is sent first. Everything that one invariant touches is in one lane: what becomes
/// visible of a lane is causally closed at every moment, across lanes it is not.
public struct Lane: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number, as it is stored and sent.
    public let rawValue: UInt8

    /// Makes a lane of its number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Members, writers, grants, rights and reservations.
    public static let control = Lane(rawValue: 0)
    /// Profiles and settings.
    public static let settings = Lane(rawValue: 1)
    /// Usage that was measured.
    public static let usage = Lane(rawValue: 2)

    /// The lanes in use, in the order in which they are sent.
    public static let all: [Lane] = [.control, .settings, .usage]

    /// Whether the left lane is sent before the right one.
    public static func < (left: Lane, right: Lane) -> Bool { left.rawValue < right.rawValue }
}

extension Lane: CustomStringConvertible {
    /// The lane's name.
    public var description: String {
        switch self {
        case .control: "control"
        case .settings: "settings"
        case .usage: "usage"
        default: "lane \(rawValue)"
        }
    }
}
