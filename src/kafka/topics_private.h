/* Between topics.c, which keeps the topics of a node alone, and the files of a cluster. */
#ifndef WEIR_KAFKA_TOPICS_PRIVATE_H
#define WEIR_KAFKA_TOPICS_PRIVATE_H

#include "kafka/topics.h"

void topic_free(struct topic *topic);
void topic_key(char out[TOPIC_NAME_MAX + 16], const char *name);
void topic_write(const struct topic *topic, struct buffer *out);
bool topic_read(struct topic *topic, struct bytes value);
void topic_link(struct topics *t, struct topic *topic);
void topic_unlink(struct topics *t, struct topic *topic);
struct topic_setting *settings_copy(const struct topic_setting *settings, size_t count);
void settings_free(struct topic_setting *settings, size_t count);
void topic_logs_configure(struct topic *topic);

#endif
