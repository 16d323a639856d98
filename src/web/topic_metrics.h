/* Topics and groups as Prometheus metrics, under the names that Kafka's exporter made usual, so
 * that dashboards made for it work here. */
#ifndef WEIR_WEB_TOPIC_METRICS_H
#define WEIR_WEB_TOPIC_METRICS_H

struct buffer;

/* topics_json: the document "topics" of web.h. */
void topic_metrics_put(struct buffer *out, const struct buffer *topics_json);

#endif
