package import CausalTime
package import SyncEngine

/// Short numbers for the writers that a connection has named, shared by its two directions.
///
/// The writers of the state that the first greeting was described against come first: both sides
/// know them. After those, writers introduced by the initiator have even indexes and those of the
/// responder odd ones, each counted from there. So both sides can introduce writers at the same
/// time without agreeing on anything; a writer that both introduce has two indexes.
package struct WriterTable: Sendable {
    /// How many writers each side may introduce.
    package static let introductionsMax = 32_768

    private let known: [WriterID]
    private var byInitiator: [WriterID] = []
    private var byResponder: [WriterID] = []
    private var indexes: [WriterID: Int] = [:]

    /// A table that begins with writers which both sides know.
    package init(known: [WriterID] = []) {
        self.known = known
        for (index, writer) in known.enumerated() { indexes[writer] = index }
    }

    /// The writer at an index; nothing if there is none.
    package subscript(index: Int) -> WriterID? {
        guard index >= known.count else { return index >= 0 ? known[index] : nil }
        let introduced = index - known.count
        let list = introduced.isMultiple(of: 2) ? byInitiator : byResponder
        return introduced / 2 < list.count ? list[introduced / 2] : nil
    }

    /// One more than the greatest index that there can be.
    package var indexLimit: Int { known.count + 2 * Self.introductionsMax }

    /// The index of a writer, of two the one that was known first; nothing if there is none.
    package func index(of writer: WriterID) -> Int? { indexes[writer] }

    /// Gives a writer the next index of the side that introduces it.
    ///
    /// - Returns: The index; nothing if the side may introduce no more.
    package mutating func introduce(
        _ writer: WriterID, by side: SyncSession.Role
    ) -> Int? {
        let index: Int
        switch side {
        case .initiator:
            guard byInitiator.count < Self.introductionsMax else { return nil }
            index = known.count + 2 * byInitiator.count
            byInitiator.append(writer)
        case .responder:
            guard byResponder.count < Self.introductionsMax else { return nil }
            index = known.count + 2 * byResponder.count + 1
            byResponder.append(writer)
        }
        if indexes[writer] == nil { indexes[writer] = index }
        return index
    }
}
