#include "ccurl.h"

CURLcode ccurl_set_number(CURL *handle, CURLoption option, long value) { return curl_easy_setopt(handle, option, value); }
CURLcode ccurl_set_size(CURL *handle, CURLoption option, curl_off_t value) { return curl_easy_setopt(handle, option, value); }
CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value) { return curl_easy_setopt(handle, option, value); }
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value) { return curl_easy_setopt(handle, option, value); }

CURLcode ccurl_set_headers(CURL *handle, struct curl_slist *headers) {
    return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
}

CURLcode ccurl_on_bytes(CURL *handle, CURLoption option, ccurl_bytes call) { return curl_easy_setopt(handle, option, call); }
CURLcode ccurl_on_seek(CURL *handle, ccurl_seek call) { return curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, call); }

CURLcode ccurl_on_progress(CURL *handle, ccurl_progress call) {
    return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, call);
}

CURLcode ccurl_on_open_socket(CURL *handle, ccurl_open_socket call) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, call);
}

CURLcode ccurl_status(CURL *handle, long *status) { return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, status); }

CURLcode ccurl_text_info(CURL *handle, CURLINFO info, const char **text) {
    *text = NULL;
    return curl_easy_getinfo(handle, info, text);
}

size_t ccurl_read_aborts(void) { return CURL_READFUNC_ABORT; }
curl_socket_t ccurl_bad_socket(void) { return CURL_SOCKET_BAD; }
