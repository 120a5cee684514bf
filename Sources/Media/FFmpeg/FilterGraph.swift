internal import CFFmpeg
internal import CFFmpegShims

/// A filter chain with one input and one output. Owns FFmpeg's graph; one thread at a time.
final class FilterGraph {
    enum Output { case same, picture }

    private let graph: UnsafeMutablePointer<AVFilterGraph>
    private let source: Filter
    private let sink: Filter
    /// The format of input frames; another format needs another graph.
    private let signature: Signature

    /// A graph for frames like `frame`, with timestamps in `timeBase`.
    /// - Parameter frameSize: samples per audio output frame; nil keeps the filters' frames.
    /// - Parameter output: the output's type, if it differs from the input's.
    init(
        _ chain: String, like frame: Frame, timeBase: TimeBase, threads: Int, frameSize: Int? = nil,
        output: Output = .same
    ) throws {
        signature = Signature(frame)
        graph = try allocated(avfilter_graph_alloc(), "avfilter_graph_alloc")
        do {
            graph.pointee.nb_threads = CInt(threads)
            let mix = Ambisonics.mix(frame).map { $0 + "," } ?? ""
            (source, sink) = try FilterGraph.build(graph, mix + chain, frame, timeBase, output)
        } catch {
            var graph: UnsafeMutablePointer<AVFilterGraph>? = self.graph
            avfilter_graph_free(&graph)
            throw error
        }
        if let frameSize { av_buffersink_set_frame_size(sink, UInt32(frameSize)) }
    }

    deinit {
        var graph: UnsafeMutablePointer<AVFilterGraph>? = self.graph
        avfilter_graph_free(&graph)
    }

    private typealias Filter = UnsafeMutablePointer<AVFilterContext>

    private static func build(
        _ graph: UnsafeMutablePointer<AVFilterGraph>, _ chain: String, _ frame: Frame, _ timeBase: TimeBase,
        _ output: Output
    ) throws(FFmpegError) -> (source: Filter, sink: Filter) {
        let isSound = frame.sampleRate > 0
        let source = try makeSource(graph, frame, timeBase, isSound: isSound)
        let sink = try make(graph, isSound && output == .same ? "abuffersink" : "buffersink", "out")
        try check(avfilter_init_str(sink, nil), "avfilter_init_str(sink)")
        try connect(graph, chain, source, sink)
        try check(avfilter_graph_config(graph, nil), "avfilter_graph_config(\(chain))")
        assert(names(graph).isSubset(of: Capabilities.filters), "Capabilities ask for all that is used: \(names(graph))")
        return (source, sink)
    }

    private static func names(_ graph: UnsafeMutablePointer<AVFilterGraph>) -> Set<String> {
        let filters = UnsafeBufferPointer(start: graph.pointee.filters, count: Int(graph.pointee.nb_filters))
        return Set(filters.compactMap { $0?.pointee.filter.pointee.name }.map { String(cString: $0) })
    }

    var timeBase: TimeBase { av_buffersink_get_time_base(sink) }

    func fits(_ frame: Frame) -> Bool { signature == Signature(frame) }

    /// Sends a frame, which the caller keeps, or nil for the end.
    func send(_ frame: Frame?) throws(FFmpegError) {
        try check(
            av_buffersrc_add_frame_flags(source, frame?.pointer, CInt(AV_BUFFERSRC_FLAG_KEEP_REF)),
            "av_buffersrc_add_frame")
    }

    func receive(into frame: Frame) throws(FFmpegError) -> CodecOutput {
        let code = av_buffersink_get_frame(sink, frame.pointer)
        switch code {
        case 0...: return .ready
        case shim_error_again: return .needsInput
        case shim_error_eof: return .finished
        default: throw FFmpegError(call: "av_buffersink_get_frame", code: code)
        }
    }

    private static func make(
        _ graph: UnsafeMutablePointer<AVFilterGraph>, _ name: String, _ label: String
    ) throws(FFmpegError) -> Filter {
        guard let filter = avfilter_get_by_name(name) else {
            throw FFmpegError(call: "avfilter_get_by_name(\(name))", code: shim_error_invalid_data)
        }
        return try allocated(avfilter_graph_alloc_filter(graph, filter, label), "avfilter_graph_alloc_filter(\(name))")
    }

    private static func makeSource(
        _ graph: UnsafeMutablePointer<AVFilterGraph>, _ frame: Frame, _ timeBase: TimeBase, isSound: Bool
    ) throws(FFmpegError) -> Filter {
        let source = try make(graph, isSound ? "abuffer" : "buffer", "in")
        var parameters = av_buffersrc_parameters_alloc()
        guard let values = parameters else {
            throw FFmpegError(call: "av_buffersrc_parameters_alloc", code: shim_error_no_memory)
        }
        defer { av_freep(&parameters) }
        values.pointee.format = frame.pointer.pointee.format
        values.pointee.time_base = timeBase
        if isSound {
            values.pointee.sample_rate = frame.pointer.pointee.sample_rate
            // The call below copies it; the frame still owns its layout.
            values.pointee.ch_layout = frame.pointer.pointee.ch_layout
        } else {
            values.pointee.width = frame.pointer.pointee.width
            values.pointee.height = frame.pointer.pointee.height
            values.pointee.sample_aspect_ratio = frame.pointer.pointee.sample_aspect_ratio
            shim_source_set_color(values, frame.pointer.pointee.colorspace, frame.pointer.pointee.color_range)
        }
        try check(av_buffersrc_parameters_set(source, values), "av_buffersrc_parameters_set")
        try check(avfilter_init_str(source, nil), "avfilter_init_str(source)")
        return source
    }

    private static func connect(
        _ graph: UnsafeMutablePointer<AVFilterGraph>, _ chain: String, _ source: UnsafeMutablePointer<AVFilterContext>,
        _ sink: Filter
    ) throws(FFmpegError) {
        // From the chain's point of view: its input is our source's output, its output our sink's input.
        var outputs = avfilter_inout_alloc()
        var inputs = avfilter_inout_alloc()
        defer {
            avfilter_inout_free(&outputs)
            avfilter_inout_free(&inputs)
        }
        guard let from = outputs, let into = inputs else {
            throw FFmpegError(call: "avfilter_inout_alloc", code: shim_error_no_memory)
        }
        from.pointee.name = av_strdup("in")
        from.pointee.filter_ctx = source
        into.pointee.name = av_strdup("out")
        into.pointee.filter_ctx = sink
        try check(
            avfilter_graph_parse_ptr(graph, chain, &inputs, &outputs, nil), "avfilter_graph_parse_ptr(\(chain))")
    }

    private struct Signature: Equatable {
        var format: CInt
        var width: Int
        var height: Int
        var shape: [CInt]
        var colour: Colour
        var range: UInt32
        var sampleRate: Int
        var layout: ChannelLayout

        init(_ frame: Frame) {
            let raw = frame.pointer.pointee
            format = raw.format
            width = frame.width
            height = frame.height
            shape = raw.sample_aspect_ratio.isPositive ? [raw.sample_aspect_ratio.num, raw.sample_aspect_ratio.den] : []
            colour = Colour(frame)
            range = raw.color_range.rawValue
            sampleRate = frame.sampleRate
            layout = ChannelLayout(frame)
        }
    }
}
