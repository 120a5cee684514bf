internal import MediaWire

/// The tracks of the file, including those that start midway.
extension MediaAnalyzer {
    /// For files whose streams may start midway, and files with several videos, of which no header marks the main one.
    /// - Throws: `LateStreamError` if the video starts beyond the range read.
    mutating func scanWhereNeeded(_ subject: MediaSubject) throws {
        let pictures = analysis.info.streams.filter { $0.kind == .video && !$0.isAlternative }
        let isOpenEnded = demuxer.mayGainStreams
        guard isOpenEnded || (pictures.count > 1 && demuxer.indexed(pictures[0].index) == nil) else { return describeTracks() }
        let other = try demuxer.reopened()
        var scan = try PacketScan(other, tick: tick)
        if subject != .audio, !pictures.contains(where: { $0.picture?.width ?? 0 > 0 }), demuxer.joins.reach == 0, let place = scan.firstPicture {
            throw LateStreamError(place: place)
        }
        if isOpenEnded, !scan.joins.heads.isEmpty {
            (analysis.joins.heads, analysis.joins.stragglers) = (scan.joins.heads, scan.joins.stragglers)
            demuxer.join(analysis.joins)
            // Again, now that all parts of a track share one clock.
            let joined = try demuxer.reopened()
            joined.join(analysis.joins)
            let first = scan
            scan = try PacketScan(joined, tick: tick)
            for (late, head) in analysis.joins.heads.sorted(by: { $0.key < $1.key }) where first.tracks[late] != nil {
                seams[head] = seams[head] ?? first.tracks[head]?.end
                analysis.joined.append(PlanDecision(stream: late, action: "join to stream \(head)", reason: "it begins where that ends"))
            }
        }
        self.scan = scan
        describeTracks()
    }

    private mutating func describeTracks() {
        tracks = analysis.info.streams.filter { analysis.joins.heads[$0.index] == nil }.map { info in
            guard info.index < demuxer.streamCount else {
                return StreamChoice.Track(info: info, extent: TrackExtent(duration: analysis.info.duration.map { Int64($0) } ?? 0, pictures: 1000))
            }
            var extent = demuxer.indexed(info.index)?.extent ?? demuxer.promised(info.index)
            if let seen = scan?.tracks[info.index], let start = seen.start, let end = seen.end {
                extent = TrackExtent(duration: end - start, pictures: seen.packets)
            }
            var track = StreamChoice.Track(info: info, extent: extent)
            track.title = demuxer.title(info.index)
            return track
        }
    }

}
