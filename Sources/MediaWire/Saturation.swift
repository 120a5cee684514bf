/// Sums of numbers that others have told: what no number holds is the largest, or the least, that one does.
extension FixedWidthInteger {
    public func addingSaturated(_ other: Self) -> Self {
        let (sum, isOver) = addingReportingOverflow(other)
        return isOver ? (other < 0 ? .min : .max) : sum
    }

    public func subtractingSaturated(_ other: Self) -> Self {
        let (difference, isOver) = subtractingReportingOverflow(other)
        return isOver ? (other < 0 ? .max : .min) : difference
    }
}

extension Sequence where Element: FixedWidthInteger {
    public var saturatedSum: Element { reduce(0) { $0.addingSaturated($1) } }
}
