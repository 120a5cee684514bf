/// A FIFO queue; both ends are O(1) however many elements wait.
struct Fifo<Element> {
    private var slots: [Element?] = []
    private var head = 0

    var isEmpty: Bool { head == slots.count }
    var first: Element? { isEmpty ? nil : slots[head] }

    mutating func append(_ element: Element) { slots.append(element) }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        defer {
            // Release the reference at once.
            slots[head] = nil
            head += 1
            if head == slots.count || (head >= 64 && 2 * head >= slots.count) {
                slots.removeFirst(head)
                head = 0
            }
        }
        return slots[head]
    }

    mutating func removeAll() { (slots, head) = ([], 0) }
}
