/// Arithmetic on untrusted numbers: an overflow gives the largest, or the smallest, number.
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
