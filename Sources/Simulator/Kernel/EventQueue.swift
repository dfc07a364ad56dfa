/// What is to happen, in the order of virtual time; of one moment, in the order in which it was
/// scheduled.
///
/// A binary heap: adding and taking cost the logarithm of the number of events.
struct EventQueue<Event> {
    /// What the heap moves about: small, and without references that would have to be counted.
    private struct Entry {
        let at: Duration
        let number: UInt64
        let place: Int

        func isBefore(_ other: Entry) -> Bool {
            at != other.at ? at < other.at : number < other.number
        }
    }

    private var heap: [Entry] = []
    private var events: [Event?] = []
    /// Places of events that have been taken.
    private var free: [Int] = []
    private var scheduled: UInt64 = 0

    var isEmpty: Bool { heap.isEmpty }

    /// When the next event is due.
    var nextTime: Duration? { heap.first?.at }

    mutating func schedule(_ event: Event, at time: Duration) {
        let place = free.popLast() ?? events.count
        if place == events.count { events.append(event) } else { events[place] = event }
        heap.append(Entry(at: time, number: scheduled, place: place))
        scheduled += 1
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (at: Duration, event: Event)? {
        guard let first = heap.first, let last = heap.popLast(), let event = events[first.place]
        else { return nil }
        events[first.place] = nil
        free.append(first.place)
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.at, event)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
