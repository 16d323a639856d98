/*
 * Load on a Kafka broker through librdkafka; prints MB/s (millions of bytes of record values).
 *
 *     kafka_load produce HOST:PORT TOPIC COUNT    records of 1,000 bytes, acks=all
 *     kafka_load consume HOST:PORT TOPIC COUNT    one partition from its beginning
 *
 * In C, so that the client is not what is measured.
 */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RECORD_BYTES = 1000, BATCH = 10000, PATIENCE_S = 60 };

static long failures;

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
fail(const char *what)
{
    fprintf(stderr, "kafka_load: %s\n", what);
    exit(1);
}

static void
set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char words[512];
    if (rd_kafka_conf_set(conf, name, value, words, sizeof words) != RD_KAFKA_CONF_OK)
        fail(words);
}

static rd_kafka_t *
client(rd_kafka_type_t type, rd_kafka_conf_t *conf)
{
    char words[512];
    rd_kafka_t *k = rd_kafka_new(type, conf, words, sizeof words);
    if (k == NULL)
        fail(words);
    return k;
}

static void
delivered(rd_kafka_t *k, const rd_kafka_message_t *m, void *opaque)
{
    (void)k, (void)opaque;
    if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR && failures++ == 0)
        fprintf(stderr, "kafka_load: %s\n", rd_kafka_err2str(m->err));
}

static double
produce(rd_kafka_conf_t *conf, const char *topic, long count)
{
    set(conf, "acks", "all");
    set(conf, "linger.ms", "5");
    set(conf, "batch.size", "1000000");
    set(conf, "batch.num.messages", "100000");
    set(conf, "queue.buffering.max.messages", "500000");
    set(conf, "topic.metadata.refresh.fast.interval.ms", "20"); /* the topic may have to be made */
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    rd_kafka_t *k = client(RD_KAFKA_PRODUCER, conf);
    rd_kafka_topic_t *t = rd_kafka_topic_new(k, topic, NULL);
    static char value[RECORD_BYTES];
    unsigned x = 1;
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = (char)((x = x * 1664525U + 1013904223U) >> 24);
    double begin = now();
    for (long i = 0; i < count;) {
        if (rd_kafka_produce(t, 0, RD_KAFKA_MSG_F_COPY, value, sizeof value, NULL, 0, NULL) == 0)
            i++;
        else if (rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL)
            rd_kafka_poll(k, 5);
        else
            fail(rd_kafka_err2str(rd_kafka_last_error()));
        if (i % 64 == 0)
            rd_kafka_poll(k, 0);
    }
    if (rd_kafka_flush(k, 1000 * PATIENCE_S) != RD_KAFKA_RESP_ERR_NO_ERROR || failures != 0)
        fail("not all records were acknowledged");
    return (double)count / (now() - begin);
}

static double
consume(rd_kafka_conf_t *conf, const char *topic, long count)
{
    set(conf, "group.id", "kafka_load");
    set(conf, "enable.auto.commit", "false");
    set(conf, "queued.max.messages.kbytes", "200000");
    set(conf, "fetch.message.max.bytes", "8000000");
    rd_kafka_t *k = client(RD_KAFKA_CONSUMER, conf);
    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(all, topic, 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    if (rd_kafka_assign(k, all) != RD_KAFKA_RESP_ERR_NO_ERROR)
        fail("assign");
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(k);
    static rd_kafka_message_t *got[BATCH];
    long seen = 0,
         first = 0; /* the clock starts with the first batch: connecting is not measured */
    double begin = 0, last = now();
    while (seen < count) {
        ssize_t n = rd_kafka_consume_batch_queue(queue, 1000, got, BATCH);
        for (ssize_t i = 0; i < n; i++) {
            seen += got[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR;
            rd_kafka_message_destroy(got[i]);
        }
        if (n > 0 && first == 0) {
            begin = now();
            first = seen;
        }
        if (n > 0)
            last = now();
        else if (now() - last > PATIENCE_S)
            fail("no more records come");
    }
    return (double)(count - first) / (now() - begin);
}

int
main(int argc, char **argv)
{
    if (argc != 5)
        fail("produce|consume HOST:PORT TOPIC COUNT");
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", argv[2]);
    long count = atol(argv[4]);
    bool produces = strcmp(argv[1], "produce") == 0;
    double rate = produces ? produce(conf, argv[3], count) : consume(conf, argv[3], count);
    printf("%.1f\n", rate * RECORD_BYTES / 1e6);
    return 0;
}
