/// All orders of the elements, n! of them; elements are told apart by position.
package func permutations<Element>(of elements: [Element]) -> [[Element]] {
    guard let first = elements.first else { return [[]] }
    return permutations(of: Array(elements.dropFirst())).flatMap { rest in
        (0...rest.count).map { rest[..<$0] + [first] + rest[$0...] }
    }
}

/// All ways of merging sequences into one, each keeping its own order.
package func interleavings<Element>(of sequences: [[Element]]) -> [[Element]] {
    let open = sequences.indices.filter { !sequences[$0].isEmpty }
    guard !open.isEmpty else { return [[]] }
    return open.flatMap { index in
        var rest = sequences
        let head = rest[index].removeFirst()
        return interleavings(of: rest).map { [head] + $0 }
    }
}

/// All ways in which messages may arrive, each at least once and at most `copies` times.
package func deliveryOrders<Element>(of messages: [Element], copies: Int) -> [[Element]] {
    deliveryOrders(Array(repeating: 0, count: messages.count), copies: copies).map { order in
        order.map { messages[$0] }
    }
}

private func deliveryOrders(_ delivered: [Int], copies: Int) -> [[Int]] {
    var orders: [[Int]] = delivered.allSatisfy { $0 > 0 } ? [[]] : []
    for index in delivered.indices where delivered[index] < copies {
        var rest = delivered
        rest[index] += 1
        orders += deliveryOrders(rest, copies: copies).map { [index] + $0 }
    }
    return orders
}

/// All sequences of `count` elements with repetition.
package func sequences<Element>(of elements: [Element], count: Int) -> [[Element]] {
    guard count > 0 else { return [[]] }
    return sequences(of: elements, count: count - 1).flatMap { head in
        elements.map { head + [$0] }
    }
}

/// Visits every state that can be reached and says how many different ones there are.
///
/// `successors` is called once for every different state. It is also the place for checks, so that
/// they see every transition, also one that leads to a state that is known already.
///
/// Inlinable so that it is specialized for its states, which makes it several times as fast.
@inlinable
package func explore<State, Key: Hashable>(
    from start: State, by key: (State) -> Key, successors: (State) throws -> [State]
) rethrows -> Int {
    var known: Set<Key> = [key(start)]
    var open = [start]
    while let state = open.popLast() {
        for next in try successors(state) where known.insert(key(next)).inserted {
            open.append(next)
        }
    }
    return known.count
}
