#include "CFFmpegShims.h"

#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <pthread.h>
#include <string.h>

#define LINES 8
#define LINE_LENGTH 256

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char log_lines[LINES][LINE_LENGTH];
static size_t log_count;
static int log_saw_full_demuxer;

/// Whether a demuxer that reports an error has as many streams as it may have. An input that fails to open is freed before anybody can ask.
static int is_full_demuxer(void *context) {
    if (!context || *(const AVClass **)context != avformat_get_class()) return 0;
    const AVFormatContext *format = context;
    return format->iformat && format->nb_streams >= (unsigned)format->max_streams;
}

static void log_keep(void *context, int level, const char *format, va_list arguments) {
    if (level > AV_LOG_ERROR) return;
    char line[LINE_LENGTH];
    int print_prefix = 1;
    av_log_format_line2(context, level, format, arguments, line, sizeof line, &print_prefix);
    size_t length = strlen(line);
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) line[--length] = 0;
    if (length == 0) return;
    int is_full = is_full_demuxer(context);
    pthread_mutex_lock(&log_lock);
    if (is_full) log_saw_full_demuxer = 1;
    memcpy(log_lines[log_count++ % LINES], line, length + 1);
    pthread_mutex_unlock(&log_lock);
}

void shim_log_start(void) {
    av_log_set_level(AV_LOG_ERROR);
    av_log_set_callback(log_keep);
}

size_t shim_log_copy(char *buffer, size_t capacity) {
    size_t used = 0;
    pthread_mutex_lock(&log_lock);
    for (size_t index = log_count > LINES ? log_count - LINES : 0; index < log_count; index++) {
        const char *line = log_lines[index % LINES];
        size_t length = strlen(line);
        if (used + length + 2 > capacity) break;
        if (used > 0) buffer[used++] = '\n';
        memcpy(buffer + used, line, length);
        used += length;
    }
    pthread_mutex_unlock(&log_lock);
    if (capacity > 0) buffer[used] = 0;
    return used;
}

size_t shim_log_total(void) {
    pthread_mutex_lock(&log_lock);
    size_t total = log_count;
    pthread_mutex_unlock(&log_lock);
    return total;
}

int shim_log_saw_full_demuxer(void) {
    pthread_mutex_lock(&log_lock);
    int saw = log_saw_full_demuxer;
    pthread_mutex_unlock(&log_lock);
    return saw;
}

void shim_log_clear(void) {
    pthread_mutex_lock(&log_lock);
    log_count = 0;
    log_saw_full_demuxer = 0;
    pthread_mutex_unlock(&log_lock);
}

AVIOContext *shim_io_open(void *opaque, int buffer_size, shim_read read, shim_write write, shim_seek seek) {
    uint8_t *buffer = av_malloc((size_t)buffer_size);
    if (!buffer) return NULL;
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    AVIOContext *context = avio_alloc_context(buffer, buffer_size, write != NULL, opaque, read, write, seek);
#else
    AVIOContext *context = avio_alloc_context(
        buffer, buffer_size, write != NULL, opaque, read, (int (*)(void *, uint8_t *, int))write, seek);
#endif
    if (!context) av_free(buffer);
    return context;
}

void shim_io_free(AVIOContext **context) {
    if (!*context) return;
    av_freep(&(*context)->buffer);
    avio_context_free(context);
}

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 29, 100)
int shim_frame_is_interlaced(const AVFrame *frame) { return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0; }
int shim_frame_is_key(const AVFrame *frame) { return (frame->flags & AV_FRAME_FLAG_KEY) != 0; }
void shim_frame_set_progressive(AVFrame *frame) { frame->flags &= ~AV_FRAME_FLAG_INTERLACED; }
void shim_frame_set_interlaced(AVFrame *frame, int top_field_first) {
    frame->flags &= ~AV_FRAME_FLAG_TOP_FIELD_FIRST;
    frame->flags |= AV_FRAME_FLAG_INTERLACED | (top_field_first ? AV_FRAME_FLAG_TOP_FIELD_FIRST : 0);
}
#else
int shim_frame_is_interlaced(const AVFrame *frame) { return frame->interlaced_frame; }
int shim_frame_is_key(const AVFrame *frame) { return frame->key_frame; }
void shim_frame_set_progressive(AVFrame *frame) { frame->interlaced_frame = 0; }
void shim_frame_set_interlaced(AVFrame *frame, int top_field_first) {
    frame->interlaced_frame = 1;
    frame->top_field_first = top_field_first;
}
#endif

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
int64_t shim_frame_duration(const AVFrame *frame) { return frame->duration; }
void shim_frame_set_duration(AVFrame *frame, int64_t duration) { frame->duration = duration; }
#else
int64_t shim_frame_duration(const AVFrame *frame) { return frame->pkt_duration; }
void shim_frame_set_duration(AVFrame *frame, int64_t duration) { frame->pkt_duration = duration; }
#endif

const uint8_t *shim_stream_side_data(const AVStream *stream, enum AVPacketSideDataType type, size_t *size) {
    *size = 0;
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    const AVPacketSideData *data = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, type);
    if (!data) return NULL;
    *size = data->size;
    return data->data;
#else
    return av_stream_get_side_data(stream, type, size);
#endif
}

int shim_stream_copy_side_data(AVStream *to, const AVStream *from, enum AVPacketSideDataType type) {
    size_t size = 0;
    const uint8_t *data = shim_stream_side_data(from, type, &size);
    if (!data) return 0;
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    AVCodecParameters *parameters = to->codecpar;
    AVPacketSideData *copy = av_packet_side_data_new(
        &parameters->coded_side_data, &parameters->nb_coded_side_data, type, size, 0);
    if (!copy) return AVERROR(ENOMEM);
    memcpy(copy->data, data, size);
#else
    uint8_t *copy = av_stream_new_side_data(to, type, size);
    if (!copy) return AVERROR(ENOMEM);
    memcpy(copy, data, size);
#endif
    return 0;
}

void shim_parameters_drop_side_data(AVCodecParameters *parameters) {
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    av_packet_side_data_free(&parameters->coded_side_data, &parameters->nb_coded_side_data);
#else
    (void)parameters;
#endif
}

void shim_source_set_color(AVBufferSrcParameters *parameters, enum AVColorSpace space, enum AVColorRange range) {
#if LIBAVFILTER_VERSION_MAJOR >= 10
    parameters->color_space = space;
    parameters->color_range = range;
#else
    (void)parameters, (void)space, (void)range;
#endif
}
