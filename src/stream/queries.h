/* What the streaming manager tells of its queries to the web page. */
#ifndef WEIR_STREAM_QUERIES_H
#define WEIR_STREAM_QUERIES_H

#include "base/buffer.h"
#include "stream/stream.h"

/* The streams of web/web.h, newest first: active ones and those that ended lately. dropped_rows
 * counts what the watermark dropped since the query's first start, restarts included. */
void stream_put_queries(struct stream_manager *m, struct buffer *json);

#endif
