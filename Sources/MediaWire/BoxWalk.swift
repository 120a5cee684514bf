/// Goes through boxes that lie one after the other, by their headers. It ends at the first that is no box or does not fit, and after a
/// number that no real file has. It does not enter boxes: whoever does decides how deep.
package struct BoxWalk: IteratorProtocol {
    private let source: BoxSource
    private var position: Int64
    private let end: Int64
    private var countLeft: Int

    init(_ source: BoxSource, in range: Range<Int64>, most: Int) {
        self.source = source
        let range = range.clamped(to: 0..<source.size)
        (position, end) = (range.lowerBound, range.upperBound)
        countLeft = most
    }

    package mutating func next() -> MovieBox? {
        guard rest >= MovieBox.leastHeader, countLeft > 0 else { return nil }
        guard let box = MovieBox(header: source.read(position, Int(min(16, rest))), at: position, before: end) else { return nil }
        countLeft -= 1
        position = box.content.upperBound
        return box
    }

    /// Bytes after the last box. At the end of the walk: 0 if the boxes lie end to end.
    package var rest: Int64 { end - position }
    /// At the end of the walk: whether what is left is too short for a box.
    package var isComplete: Bool { rest < MovieBox.leastHeader }
}
