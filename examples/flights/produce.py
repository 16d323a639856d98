"""Replays the flights in the order of their scheduled departure into the topic flights.

    python examples/flights/produce.py KAFKA DATA_FOLDER SECONDS

Waits for all acknowledgements at the end of each day, so that no partition is ever more than a day
behind another; ends with one sentinel a partition, dated 2014-02-01, which closes all windows.
"""

import csv
import json
import sys
import time

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

PARTITIONS = 6
kafka, data, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])


def create_topic(admin, name, partitions):
    """Asks until it is there: a request that was under way when the broker died is not sent again by itself."""
    for _ in range(100):
        try:
            admin.create_topics([NewTopic(name, partitions, 1)])[name].result()
            return
        except KafkaException as error:
            if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                return
            if not error.args[0].retriable() and error.args[0].code() != KafkaError._TRANSPORT:
                raise
            time.sleep(0.1)
    sys.exit(f"no topic {name}")


admin = AdminClient({"bootstrap.servers": kafka, "log_level": 2})
create_topic(admin, "flights", PARTITIONS)
create_topic(admin, "delays", 3)
print("the topics are there", flush=True)

rows = []
with open(f"{data}/flights.csv", newline="") as file:
    for row in csv.DictReader(file):
        scheduled = f"{int(row['year'])}-{int(row['month']):02}-{int(row['day']):02} " \
                    f"{int(row['hour']):02}:{int(row['minute']):02}:00"
        delay = None if row["dep_delay"] == "NA" else int(float(row["dep_delay"]))
        rows.append((scheduled, row["origin"], delay, row["carrier"], row["flight"]))
rows.sort(key=lambda row: (row[0], row[1], row[3], int(row[4])))

failed = []
acknowledged = 0


def delivered(error, message):
    global acknowledged
    if error is not None:
        failed.append(str(error))
    else:
        acknowledged += 1


producer = Producer({"bootstrap.servers": kafka, "enable.idempotence": True, "linger.ms": 2,
                     "message.timeout.ms": 120000, "retry.backoff.ms": 50,
                     "reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 200})


def send(record, partition):
    while True:
        try:
            producer.produce("flights", value=json.dumps(record), partition=partition, on_delivery=delivered)
            return
        except BufferError:
            producer.poll(0.05)


begin = time.monotonic()
day, days = None, len({row[0][:10] for row in rows})
sent_days = 0
longest_ms = 0.0
for number, (scheduled, origin, delay, carrier, flight) in enumerate(rows):
    if scheduled[:10] != day:
        before = time.monotonic()
        producer.flush(120)
        longest_ms = max(longest_ms, (time.monotonic() - before) * 1000)
        pause = begin + seconds * sent_days / days - time.monotonic()
        time.sleep(max(0.0, pause))
        day, sent_days = scheduled[:10], sent_days + 1
    send({"scheduled": scheduled, "origin": origin, "dep_delay": delay, "carrier": carrier,
          "flight": flight}, number % PARTITIONS)
producer.flush(120)
for partition in range(PARTITIONS):
    send({"scheduled": "2014-02-01 00:00:00", "origin": "END", "dep_delay": None}, partition)
producer.flush(120)
print(json.dumps({"acknowledged": acknowledged, "failed": failed[:3], "longest_wait_ms": round(longest_ms)}))
sys.exit(1 if failed or acknowledged != len(rows) + PARTITIONS else 0)
