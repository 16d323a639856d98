"""Delays by airport and hour while the flights come in: Structured Streaming from Kafka.

    weir run examples/flights/stream.py KAFKA OUTPUT_FOLDER

Reads the topic flights, writes closed windows to Parquet and to the topic delays. When the program
that asked dies, the queries go on.
"""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

kafka, out = sys.argv[1:3]

spark = (SparkSession.builder.appName("delays").master("local[*]")
         .config("spark.jars.packages", "org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.0")
         .config("spark.sql.session.timeZone", "America/New_York")
         .getOrCreate())
spark.sparkContext.setLogLevel("ERROR")

records = (spark.readStream.format("kafka").option("kafka.bootstrap.servers", kafka)
           .option("subscribe", "flights").option("startingOffsets", "earliest").load())
flights = (records.select(F.from_json(F.col("value").cast("string"),
                                      "scheduled TIMESTAMP, origin STRING, dep_delay INT").alias("f"))
           .select("f.*"))
windows = (flights.withWatermark("scheduled", "1 day")
           .groupBy(F.window("scheduled", "1 hour").alias("w"), "origin")
           .agg(F.count("*").alias("flights"), F.sum(F.coalesce("dep_delay", F.lit(0))).alias("delay"))
           .select(F.unix_timestamp("w.start").alias("start"), "origin", "flights", "delay"))

(windows.writeStream.queryName("delays_parquet").outputMode("append").format("parquet")
 .option("path", f"{out}/delays").option("checkpointLocation", f"{out}/checkpoint-parquet").start())
(windows.select(F.col("origin").alias("key"), F.to_json(F.struct("*")).alias("value"))
 .writeStream.queryName("delays_topic").outputMode("append").format("kafka")
 .option("kafka.bootstrap.servers", kafka).option("topic", "delays")
 .option("checkpointLocation", f"{out}/checkpoint-topic").start())
print("streaming", flush=True)
spark.streams.awaitAnyTermination()
