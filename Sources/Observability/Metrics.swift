package import FoundationEssentials
internal import Jobs
internal import Verdicts

/// The metrics of a daemon at one moment. They never contain names of files or persons.
package struct Metrics: Sendable {
    package let status: Status
    let tally: WorkCounters
    /// The site's folder: a label of every sample, because a host may have several sites.
    package let site: String
    /// The maximum number of concurrent jobs.
    package let workers: Int
    /// Working media processes, and those in reserve.
    package let children: (working: Int, ready: Int)
    /// When the daemon's main loop last ran.
    package let lastTurn: Date

    package var text: String {
        var text = Exposition(common: [("site", site)])
        text.begin("transcoder_build_info", .gauge, "The program's version; always 1.")
        text.add(1, [("version", status.version)])
        text.add(
            "transcoder_start_time_seconds", .gauge, "When the daemon started, in seconds since 1970.",
            status.startedAt.timeIntervalSince1970.rounded())
        text.add(
            "transcoder_loop_timestamp_seconds", .gauge, "When the daemon's main loop last ran, in seconds since 1970.",
            lastTurn.timeIntervalSince1970.rounded())
        text.begin("transcoder_state", .gauge, "1 for the daemon's current state.")
        for state in Status.State.allCases { text.add(state == status.state ? 1 : 0, [("state", state.rawValue)]) }
        queue(&text)
        stores(&text)
        work(&text)
        jobs(&text)
        return text.text
    }

    private func stores(_ text: inout Exposition) {
        if let buckets = status.buckets {
            text.begin("transcoder_bucket_requests_total", .counter, "Requests to the buckets of the site.")
            for bucket in buckets { text.add(bucket.requests, [("files", bucket.files)]) }
            text.begin("transcoder_bucket_bytes_total", .counter, "Bytes read from and written to the buckets of the site.")
            for bucket in buckets {
                text.add(Double(bucket.received), [("files", bucket.files), ("direction", "read")])
                text.add(Double(bucket.sent), [("files", bucket.files), ("direction", "written")])
            }
        }
        if let cache = status.cache {
            text.add("transcoder_cache_bytes", .gauge, "Bytes of the copies of sources from buckets.", Double(cache.size))
            text.begin("transcoder_cache_requests_total", .counter, "Sources that were asked for, by whether they were there.")
            text.add(cache.hits, [("result", "hit")])
            text.add(cache.misses, [("result", "miss")])
            text.add("transcoder_cache_evictions_total", .counter, "Copies that were removed to make room.", cache.evictions)
            text.add("transcoder_cache_fetched_bytes_total", .counter, "Bytes that were fetched into the cache.", Double(cache.fetched))
        }
    }

    private func queue(_ text: inout Exposition) {
        text.begin("transcoder_queue_files", .gauge, "Files in the database, of all workers: waiting, running, retrying; at most 10000 each.")
        for (state, count) in [("waiting", status.counts.waiting), ("running", status.counts.running), ("retrying", status.counts.retrying)] {
            text.add(count, [("state", state)])
        }
        let age = status.waitingSince.map { max(0, status.updatedAt.timeIntervalSince($0).rounded()) } ?? 0
        text.add("transcoder_queue_oldest_age_seconds", .gauge, "Age of the oldest waiting upload in seconds; 0 if none is waiting.", age)
        text.add("transcoder_queue_short_of_room", .gauge, "1 while files wait for disk space.", status.waitingFor == nil ? 0 : 1)
        text.add("transcoder_database_reachable", .gauge, "Whether the last query of the site's database succeeded.", status.database.reachable ? 1 : 0)
        guard let disk = status.disk else { return }
        text.add("transcoder_disk_free_bytes", .gauge, "Free space on the disk for temporary files.", Double(disk.free))
        text.add("transcoder_disk_promised_bytes", .gauge, "Disk space reserved for running jobs.", Double(disk.required))
    }

    private func work(_ text: inout Exposition) {
        text.add("transcoder_workers", .gauge, "Maximum number of concurrent jobs of this daemon.", workers)
        text.add("transcoder_jobs_running", .gauge, "Running jobs of this daemon.", status.running.count)
        text.begin("transcoder_children", .gauge, "Media processes: working, and ready in reserve.")
        text.add(children.working, [("state", "working")])
        text.add(children.ready, [("state", "ready")])
        let speeds = status.running.filter { $0.phase == .transcoding }.compactMap(\.speed)
        text.add(
            "transcoder_speed_ratio", .gauge, "Seconds of media transcoded per second, by all running jobs together.",
            speeds.reduce(0, +))
        text.add("transcoder_media_seconds_total", .counter, "Seconds of media transcoded.", status.totals.mediaSeconds)
        text.add("transcoder_input_bytes_total", .counter, "Bytes of the transcoded uploads.", Double(status.totals.bytesIn))
        text.add("transcoder_output_bytes_total", .counter, "Bytes of their results.", Double(status.totals.bytesOut))
        text.add(
            "transcoder_processor_seconds_total", .counter, "Processor time of the media processes.", status.totals.processorSeconds)
    }

    private func jobs(_ text: inout Exposition) {
        text.begin("transcoder_jobs_total", .counter, "Finished attempts by outcome and, for failures, by code.")
        for ending in WorkCounters.everyEnding {
            text.add(
                tally.endings[ending] ?? 0, [("outcome", ending.outcome.rawValue), ("code", ending.code?.rawValue ?? "")])
        }
        text.add("transcoder_retries_total", .counter, "Attempts that will be retried.", tally.count { $0.outcome == .retried })
        text.add("transcoder_stalls_total", .counter, "Attempts that stalled and were stopped.", tally.count { $0.code == .stalled })
        text.add(
            "transcoder_last_success_timestamp_seconds", .gauge, "When the last file was done, in seconds since 1970; 0: none yet.",
            (tally.lastSuccess?.timeIntervalSince1970 ?? 0).rounded())
        text.begin("transcoder_job_duration_seconds", .histogram, "Duration of attempts, by outcome.")
        for outcome in WorkCounters.Outcome.allCases { text.add(tally.tries[outcome] ?? Histogram(), [("outcome", outcome.rawValue)]) }
        text.begin("transcoder_phase_duration_seconds", .histogram, "Time that jobs spent in each phase.")
        for phase in JobPhase.allCases { text.add(tally.phases[phase] ?? Histogram(), [("phase", phase.rawValue)]) }
    }
}
