"""One member of the group that reads the topic delays: a line of JSON for each record, until stopped.

    python examples/flights/consume.py confluent|kafka-python KAFKA OUTPUT_FILE
"""

import json
import signal
import sys
import time

library, kafka, path = sys.argv[1:4]
running = True


def stop(*_):
    global running
    running = False


signal.signal(signal.SIGTERM, stop)
out = open(path, "a", buffering=1)


def keep(partition, offset, value):
    out.write(json.dumps({"partition": partition, "offset": offset, **json.loads(value)}) + "\n")


if library == "confluent":
    from confluent_kafka import Consumer
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": "readers", "auto.offset.reset": "earliest",
                         "partition.assignment.strategy": "range", "session.timeout.ms": 10000,
                         "reconnect.backoff.max.ms": 200, "topic.metadata.refresh.interval.ms": 1000,
                         "log_level": 2})
    consumer.subscribe(["delays"])
    while running:
        message = consumer.poll(0.2)
        if message is not None and message.error() is None:
            keep(message.partition(), message.offset(), message.value())
    consumer.close()
else:
    import logging

    from kafka import KafkaConsumer
    from kafka.coordinator.assignors.range import RangePartitionAssignor
    logging.disable(logging.CRITICAL)
    consumer = None
    while running:
        try:
            if consumer is None:
                consumer = KafkaConsumer("delays", bootstrap_servers=kafka, group_id="readers",
                                         auto_offset_reset="earliest", session_timeout_ms=10000,
                                         metadata_max_age_ms=1000, reconnect_backoff_max_ms=200,
                                         partition_assignment_strategy=[RangePartitionAssignor])
            for messages in consumer.poll(timeout_ms=200).values():
                for message in messages:
                    keep(message.partition, message.offset, message.value)
        except Exception:
            # The broker is away; a new consumer of the same group goes on from the committed offsets.
            consumer = None
            time.sleep(0.2)
    if consumer is not None:
        consumer.close()
