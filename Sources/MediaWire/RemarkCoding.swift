public import Verdicts

extension Remark: WireCodable {
    public init() { self = .earlier("") }

    private enum Tag: UInt8 {
        case cutShort = 1
        case unsupported, undecodable, replaced, leftOutFrom, joined, earlier
    }

    private struct Values {
        var tag = Tag.earlier
        var part = Part.picture
        var text = ""
        var first = 0
        var second = 0
    }

    private var values: Values {
        switch self {
        case .cutShort(let converted, let promised): Values(tag: .cutShort, first: converted, second: promised)
        case .unsupported(let part, let codec): Values(tag: .unsupported, part: part, text: codec)
        case .undecodable(let part, let codec): Values(tag: .undecodable, part: part, text: codec)
        case .replaced(let part, let codec): Values(tag: .replaced, part: part, text: codec)
        case .leftOutFrom(let part, let codec, let time): Values(tag: .leftOutFrom, part: part, text: codec, first: time)
        case .joined(let time): Values(tag: .joined, first: time)
        case .earlier(let text): Values(tag: .earlier, text: text)
        }
    }

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        var values = self.values
        try wire.code(&values.tag)
        switch values.tag {
        case .cutShort:
            try wire.code(&values.first)
            try wire.code(&values.second)
            self = .cutShort(converted: values.first, promised: values.second)
        case .unsupported:
            try wire.code(&values.part)
            try wire.code(&values.text)
            self = .unsupported(values.part, codec: values.text)
        case .undecodable:
            try wire.code(&values.part)
            try wire.code(&values.text)
            self = .undecodable(values.part, codec: values.text)
        case .replaced:
            try wire.code(&values.part)
            try wire.code(&values.text)
            self = .replaced(values.part, codec: values.text)
        case .leftOutFrom:
            try wire.code(&values.part)
            try wire.code(&values.text)
            try wire.code(&values.first)
            self = .leftOutFrom(values.part, codec: values.text, time: values.first)
        case .joined:
            try wire.code(&values.first)
            self = .joined(time: values.first)
        case .earlier:
            try wire.code(&values.text)
            self = .earlier(values.text)
        }
    }
}
