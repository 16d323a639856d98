/*
 * The page's facts in the front process: the driver's operations and the streaming queries from
 * here, topics and groups from the store, processes and events from the supervisor.
 *
 * A process that does not answer within a second leaves its part empty; the page says nothing wrong
 * and is right again at the next look.
 */
#ifndef WEIR_WEB_FACTS_H
#define WEIR_WEB_FACTS_H

#include "web/web.h"

struct driver;
struct stream_manager;
struct web_facts;

struct web_facts_config {
    struct driver *driver;
    struct stream_manager *streams;
    const char *supervisor_address; /* "unix:..."; texts are copied */
    const char *store_address;
    const char *spark_version;
    uint64_t memory_limit_bytes; /* of all processes; 0 = not known */
    uint32_t cores;
};

struct web_facts *web_facts_new(const struct web_facts_config *config);
void web_facts_free(struct web_facts *facts); /* after web_free */
void web_facts_sources(struct web_facts *facts, struct web_sources *out);

#endif
