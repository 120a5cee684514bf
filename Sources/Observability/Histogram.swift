/// A histogram of durations.
package struct Histogram: Sendable, Equatable {
    /// Seconds, from a short audio file to a long video.
    static let bounds: [Double] = [0.05, 0.2, 1, 5, 15, 60, 180, 600, 1800, 7200]

    private var counts = [Int](repeating: 0, count: bounds.count + 1)
    package private(set) var sum = 0.0

    mutating func observe(_ seconds: Double) {
        let seconds = max(0, seconds)
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += seconds
    }

    package var count: Int { counts.reduce(0, +) }

    /// Counts per upper bound; the last bound is infinity.
    var cumulative: [(bound: Double, count: Int)] {
        var total = 0
        return zip(Self.bounds + [.infinity], counts).map { bound, count in
            total += count
            return (bound, total)
        }
    }
}
